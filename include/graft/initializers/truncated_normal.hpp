#pragma once
#include <cmath>
#include <graft/initializers/initializer_function.hpp>

namespace graft::initializers {

namespace detail {

/// A standard normal number, drawn again while it is more than 2 from 0; its standard deviation is 0.8796.
inline double truncated_normal(RandomStream random, std::uint64_t i) {
  const RandomStream draws = random.split(i);
  for (std::uint64_t j = 0;; ++j)
    if (const double z = draws.normal(j); std::abs(z) <= 2) return z;
}

}  // namespace detail

struct TruncatedNormalOptions {
  double mean = 0;
  double stddev = 0.05;
  std::optional<Index> seed = {};
};

/// Normal numbers, drawn again while they are more than 2 stddev from the mean. Not rescaled: the result's standard
/// deviation is 0.88 stddev.
class TruncatedNormal final : public ElementwiseInitializer<TruncatedNormal, TruncatedNormalOptions> {
 public:
  static constexpr std::string_view keras_names[] = {"TruncatedNormal", "truncated_normal"};

  explicit TruncatedNormal(TruncatedNormalOptions options = {}) : ElementwiseInitializer(options) {}

  Elements elements(const Shape&, RandomStream random) const override {
    return [random, mean = options_.mean, stddev = options_.stddev](std::uint64_t i) {
      return mean + stddev * detail::truncated_normal(random, i);
    };
  }
  void fields(ConfigVisitor& c) {
    c("mean", options_.mean);
    c("stddev", options_.stddev);
  }
};

}  // namespace graft::initializers
