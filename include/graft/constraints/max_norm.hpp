#pragma once
#include <algorithm>
#include <graft/constraints/constraint_function.hpp>
#include <graft/constraints/norms.hpp>

namespace graft::constraints {

struct MaxNormOptions {
  double max_value = 2;
  Axes axis = 0;  ///< a Dense kernel (in, units): 0. A Conv2D kernel (height, width, in, filters): {0, 1, 2}
};

/// w min(n, max_value) / (n + 1e-7), n being the norm along `axis`. Throws ArgumentError if max_value is negative.
/// Source: keras/src/constraints/constraints.py.
class MaxNorm final : public ConstraintOf<MaxNorm> {
 public:
  static constexpr std::string_view keras_names[] = {"MaxNorm", "max_norm"};

  explicit MaxNorm(MaxNormOptions options = {}) : options_(std::move(options)) { check(); }

  template <class S>
  void project(View<S> w) const {
    Norms("MaxNorm", w.shape, options_.axis).rescale(w, [max = options_.max_value](double norm) {
      return std::min(norm, max) / (epsilon + norm);
    });
  }
  void fields(ConfigVisitor& c) {
    c("max_value", options_.max_value);
    c("axis", options_.axis);
  }
  void check() const {
    if (!(options_.max_value >= 0))
      raise<ArgumentError>("MaxNorm: max_value is at least 0, got ", options_.max_value, ".");
  }

 private:
  MaxNormOptions options_;
};

}  // namespace graft::constraints
