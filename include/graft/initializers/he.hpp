#pragma once
#include <graft/initializers/variance_scaling.hpp>

namespace graft::initializers {

/// Uniform within sqrt(6 / fan_in). He et al. 2015.
class HeUniform final : public NamedScaling<HeUniform> {
 public:
  static constexpr std::string_view keras_names[] = {"HeUniform", "he_uniform"};
  static constexpr double scale = 2;
  static constexpr const char *mode = "fan_in", *distribution = "uniform";

  explicit HeUniform(SeedOptions options = {}) : NamedScaling(options) {}
};

/// Truncated normal of variance 2 / fan_in. He et al. 2015.
class HeNormal final : public NamedScaling<HeNormal> {
 public:
  static constexpr std::string_view keras_names[] = {"HeNormal", "he_normal"};
  static constexpr double scale = 2;
  static constexpr const char *mode = "fan_in", *distribution = "truncated_normal";

  explicit HeNormal(SeedOptions options = {}) : NamedScaling(options) {}
};

}  // namespace graft::initializers
