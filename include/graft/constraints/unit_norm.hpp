#pragma once
#include <graft/constraints/constraint_function.hpp>
#include <graft/constraints/norms.hpp>

namespace graft::constraints {

struct UnitNormOptions {
  Axes axis = 0;
};

/// w / (n + 1e-7), n being the norm along `axis`. Source: keras/src/constraints/constraints.py.
class UnitNorm final : public ConstraintOf<UnitNorm> {
 public:
  static constexpr std::string_view keras_names[] = {"UnitNorm", "unit_norm"};

  explicit UnitNorm(UnitNormOptions options = {}) : options_(std::move(options)) {}

  template <class S>
  void project(View<S> w) const {
    Norms("UnitNorm", w.shape, options_.axis).rescale(w, [](double norm) { return 1 / (epsilon + norm); });
  }
  void fields(ConfigVisitor& c) { c("axis", options_.axis); }

 private:
  UnitNormOptions options_;
};

}  // namespace graft::constraints
