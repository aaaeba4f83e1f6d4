#pragma once
#include <algorithm>
#include <concepts>
#include <graft/constraints/max_norm.hpp>
#include <graft/constraints/min_max_norm.hpp>
#include <graft/constraints/non_neg.hpp>
#include <graft/constraints/unit_norm.hpp>
#include <graft/core/named.hpp>
#include <iterator>
#include <memory>

namespace graft {

namespace constraints {

/// The constraint of a Keras name: "max_norm", "MaxNorm". Throws ArgumentError for another.
inline std::shared_ptr<ConstraintFunction> make(std::string_view name) {
  return make_one_of<ConstraintFunction, MaxNorm, MinMaxNorm, NonNeg, UnitNorm>({"Constraint", "constraint"}, name);
}

}  // namespace constraints

/// What layers take as a constraint of a weight: nothing, a name ("max_norm"), or constraints::X({..}), also of a class
/// of your own.
class Constraint {
 public:
  /// No constraint: Python's None.
  Constraint() = default;
  Constraint(const char* name) : Constraint(std::string(name)) {}
  Constraint(const std::string& name) : function_(constraints::make(name)) {}
  template <std::derived_from<constraints::ConstraintFunction> T>
  Constraint(const T& function) : function_(std::make_shared<T>(function)) {}

  /// False for no constraint.
  explicit operator bool() const { return function_ != nullptr; }
  std::string class_name() const { return function_ ? function_->class_name() : ""; }

  /// Changes w in place; does nothing without a constraint. Throws ArgumentError if an axis is outside w's shape.
  template <class S>
  void apply(View<S> w) const {
    if (function_) function_->apply(w);
  }

  /// {"class_name", "config"} as Keras writes it; null for none.
  void visit(ConfigVisitor& c, std::string_view field) {
    std::string name = class_name();
    c.object(field, "keras.constraints", name, [&](ConfigVisitor& fields) {
      if (c.reading()) function_ = constraints::make(name);
      if (function_) function_->config(fields);
    });
    if (name.empty()) function_ = nullptr;
  }

 private:
  std::shared_ptr<constraints::ConstraintFunction> function_;
};

}  // namespace graft
