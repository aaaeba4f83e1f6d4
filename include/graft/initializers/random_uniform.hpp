#pragma once
#include <graft/initializers/initializer_function.hpp>

namespace graft::initializers {

struct RandomUniformOptions {
  double minval = -0.05;
  double maxval = 0.05;
  std::optional<Index> seed = {};
};

/// Uniform numbers in [minval, maxval).
class RandomUniform final : public ElementwiseInitializer<RandomUniform, RandomUniformOptions> {
 public:
  static constexpr std::string_view keras_names[] = {"RandomUniform", "random_uniform", "uniform"};

  explicit RandomUniform(RandomUniformOptions options = {}) : ElementwiseInitializer(options) {}

  Elements elements(const Shape&, RandomStream random) const override {
    return [random, low = options_.minval, high = options_.maxval](std::uint64_t i) {
      return random.uniform(i, low, high);
    };
  }
  void fields(ConfigVisitor& c) {
    c("minval", options_.minval);
    c("maxval", options_.maxval);
  }
};

}  // namespace graft::initializers
