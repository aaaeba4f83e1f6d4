#pragma once
#include <graft/initializers/variance_scaling.hpp>

namespace graft::initializers {

/// Uniform within sqrt(6 / (fan_in + fan_out)). Glorot and Bengio 2010.
class GlorotUniform final : public NamedScaling<GlorotUniform> {
 public:
  static constexpr std::string_view keras_names[] = {"GlorotUniform", "glorot_uniform"};
  static constexpr double scale = 1;
  static constexpr const char *mode = "fan_avg", *distribution = "uniform";

  explicit GlorotUniform(SeedOptions options = {}) : NamedScaling(options) {}
};

/// Truncated normal of variance 2 / (fan_in + fan_out). Glorot and Bengio 2010.
class GlorotNormal final : public NamedScaling<GlorotNormal> {
 public:
  static constexpr std::string_view keras_names[] = {"GlorotNormal", "glorot_normal"};
  static constexpr double scale = 1;
  static constexpr const char *mode = "fan_avg", *distribution = "truncated_normal";

  explicit GlorotNormal(SeedOptions options = {}) : NamedScaling(options) {}
};

}  // namespace graft::initializers
