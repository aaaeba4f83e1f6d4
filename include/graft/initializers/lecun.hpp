#pragma once
#include <graft/initializers/variance_scaling.hpp>

namespace graft::initializers {

/// Uniform within sqrt(3 / fan_in). LeCun et al. 1998.
class LecunUniform final : public NamedScaling<LecunUniform> {
 public:
  static constexpr std::string_view keras_names[] = {"LecunUniform", "lecun_uniform"};
  static constexpr double scale = 1;
  static constexpr const char *mode = "fan_in", *distribution = "uniform";

  explicit LecunUniform(SeedOptions options = {}) : NamedScaling(options) {}
};

/// Truncated normal of variance 1 / fan_in. LeCun et al. 1998.
class LecunNormal final : public NamedScaling<LecunNormal> {
 public:
  static constexpr std::string_view keras_names[] = {"LecunNormal", "lecun_normal"};
  static constexpr double scale = 1;
  static constexpr const char *mode = "fan_in", *distribution = "truncated_normal";

  explicit LecunNormal(SeedOptions options = {}) : NamedScaling(options) {}
};

}  // namespace graft::initializers
