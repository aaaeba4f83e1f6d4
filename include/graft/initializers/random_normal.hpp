#pragma once
#include <graft/initializers/initializer_function.hpp>

namespace graft::initializers {

struct RandomNormalOptions {
  double mean = 0;
  double stddev = 0.05;
  std::optional<Index> seed = {};
};

/// Normal numbers: mean + stddev z.
class RandomNormal final : public ElementwiseInitializer<RandomNormal, RandomNormalOptions> {
 public:
  static constexpr std::string_view keras_names[] = {"RandomNormal", "random_normal", "normal"};

  explicit RandomNormal(RandomNormalOptions options = {}) : ElementwiseInitializer(options) {}

  Elements elements(const Shape&, RandomStream random) const override {
    return [random, mean = options_.mean, stddev = options_.stddev](std::uint64_t i) {
      return mean + stddev * random.normal(i);
    };
  }
  void fields(ConfigVisitor& c) {
    c("mean", options_.mean);
    c("stddev", options_.stddev);
  }
};

}  // namespace graft::initializers
