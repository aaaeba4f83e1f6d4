#pragma once
#include <graft/initializers/truncated_normal.hpp>

namespace graft::initializers {

/// How many inputs an output of a weight sums, and the reverse.
struct Fans {
  double in, out;
};

/// (n,): n and n. (in, out): in and out. A convolution (height, width, in, out): height * width * in and
/// height * width * out. Groups and depth multipliers are not considered: a depthwise (3, 3, 8, 1) has 72 and 9.
/// Source: keras/src/initializers/random_initializers.py, compute_fans.
inline Fans compute_fans(const Shape& shape) {
  if (shape.rank() == 0) return {1, 1};
  if (shape.rank() == 1) return {static_cast<double>(shape[0]), static_cast<double>(shape[0])};
  double receptive_field = 1;
  for (Index i = 0; i < shape.rank() - 2; ++i) receptive_field *= static_cast<double>(shape[i]);
  return {receptive_field * static_cast<double>(shape[-2]), receptive_field * static_cast<double>(shape[-1])};
}

struct VarianceScalingOptions {
  double scale = 1;
  std::string mode = "fan_in";                    ///< "fan_in", "fan_out", "fan_avg"
  std::string distribution = "truncated_normal";  ///< also "normal" (the same), "untruncated_normal", "uniform"
  std::optional<Index> seed = {};
};

namespace detail {

/// Elements of variance scale / max(1, fan).
inline Elements scaled_elements(const VarianceScalingOptions& options, const Shape& shape, RandomStream random) {
  const Fans fans = compute_fans(shape);
  const double fan = options.mode == "fan_in"    ? fans.in
                     : options.mode == "fan_out" ? fans.out
                                                 : (fans.in + fans.out) / 2;
  const double variance = options.scale / std::max(1.0, fan);
  const bool uniform = options.distribution == "uniform", untruncated = options.distribution == "untruncated_normal";
  const double limit = std::sqrt(3 * variance), stddev = std::sqrt(variance);
  return [=](std::uint64_t i) {
    if (uniform) return random.uniform(i, -limit, limit);
    if (untruncated) return stddev * random.normal(i);
    // The standard deviation of a normal number that is cut at 2.
    return stddev / 0.87962566103423978 * truncated_normal(random, i);
  };
}

}  // namespace detail

/// Random numbers of variance s = scale / max(1, fan), fan being fan_in, fan_out or their mean. A truncated normal is
/// widened so that the result has that variance; uniform is within sqrt(3 s). Throws ArgumentError for a scale that is
/// not positive and for an unknown mode or distribution. Source: keras/src/initializers/random_initializers.py.
class VarianceScaling final : public ElementwiseInitializer<VarianceScaling, VarianceScalingOptions> {
 public:
  static constexpr std::string_view keras_names[] = {"VarianceScaling", "variance_scaling"};

  explicit VarianceScaling(VarianceScalingOptions options = {}) : ElementwiseInitializer(std::move(options)) {
    check();
  }

  Elements elements(const Shape& shape, RandomStream random) const override {
    return detail::scaled_elements(options_, shape, random);
  }
  void fields(ConfigVisitor& c) {
    c("scale", options_.scale);
    c("mode", options_.mode);
    c("distribution", options_.distribution);
  }
  void check() const {
    if (!(options_.scale > 0)) raise<ArgumentError>("VarianceScaling: scale is above 0, got ", options_.scale, ".");
    require(options_.mode, "mode", {"fan_in", "fan_out", "fan_avg"});
    require(options_.distribution, "distribution", {"truncated_normal", "normal", "untruncated_normal", "uniform"});
  }

 private:
  static void require(std::string_view value, const char* option, std::initializer_list<std::string_view> valid) {
    if (std::find(valid.begin(), valid.end(), value) != valid.end()) return;
    std::string names;
    for (const auto name : valid) (names += names.empty() ? "" : ", ") += name;
    raise<ArgumentError>("VarianceScaling: ", option, " is one of ", names, "; got \"", value, "\".");
  }
};

/// Makes an initializer of a class that has, besides its keras_names, the constants scale, mode and distribution of
/// VarianceScaling.
template <class Derived>
class NamedScaling : public ElementwiseInitializer<Derived, SeedOptions> {
 public:
  using ElementwiseInitializer<Derived, SeedOptions>::ElementwiseInitializer;

  Elements elements(const Shape& shape, RandomStream random) const override {
    return detail::scaled_elements({Derived::scale, Derived::mode, Derived::distribution, {}}, shape, random);
  }
};

}  // namespace graft::initializers
