#pragma once
#include <algorithm>
#include <graft/constraints/constraint_function.hpp>
#include <graft/constraints/norms.hpp>

namespace graft::constraints {

struct MinMaxNormOptions {
  double min_value = 0;
  double max_value = 1;
  double rate = 1;  ///< below 1 the norm only moves towards the interval
  Axes axis = 0;
};

/// w (rate clip(n, min_value, max_value) + (1 - rate) n) / (n + 1e-7), n being the norm along `axis`. Throws
/// ArgumentError unless 0 <= min_value <= max_value and rate is 0..1. Source: keras/src/constraints/constraints.py.
class MinMaxNorm final : public ConstraintOf<MinMaxNorm> {
 public:
  static constexpr std::string_view keras_names[] = {"MinMaxNorm", "min_max_norm"};

  explicit MinMaxNorm(MinMaxNormOptions options = {}) : options_(std::move(options)) { check(); }

  template <class S>
  void project(View<S> w) const {
    const double low = options_.min_value, high = options_.max_value, rate = options_.rate;
    Norms("MinMaxNorm", w.shape, options_.axis).rescale(w, [=](double norm) {
      return (rate * std::clamp(norm, low, high) + (1 - rate) * norm) / (epsilon + norm);
    });
  }
  void fields(ConfigVisitor& c) {
    c("min_value", options_.min_value);
    c("max_value", options_.max_value);
    c("rate", options_.rate);
    c("axis", options_.axis);
  }
  void check() const {
    if (!(options_.min_value >= 0 && options_.max_value >= options_.min_value))
      raise<ArgumentError>("MinMaxNorm: 0 <= min_value <= max_value, got ", options_.min_value, " and ",
                           options_.max_value, ".");
    if (!(options_.rate >= 0 && options_.rate <= 1))
      raise<ArgumentError>("MinMaxNorm: rate is from 0 to 1, got ", options_.rate, ".");
  }

 private:
  MinMaxNormOptions options_;
};

}  // namespace graft::constraints
