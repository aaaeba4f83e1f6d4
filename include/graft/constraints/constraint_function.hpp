#pragma once
#include <graft/core/config_visitor.hpp>
#include <graft/core/error.hpp>
#include <graft/core/view.hpp>
#include <string>
#include <string_view>
#include <utility>

namespace graft::constraints {

/// What a weight is forced to be after every step of the optimizer. To write one of your own derive from
/// ConstraintOf, or from this.
class ConstraintFunction {
 public:
  virtual ~ConstraintFunction() = default;

  /// As Keras's class: "MaxNorm".
  virtual std::string class_name() const = 0;
  /// Keras's get_config. Throws ArgumentError if what was read is wrong.
  virtual void config(ConfigVisitor& c) = 0;
  /// Changes w in place. Throws ArgumentError if an axis is outside w's shape.
  virtual void apply(View<float> w) const = 0;
  virtual void apply(View<double> w) const = 0;
};

/// Makes a ConstraintFunction of a class that has
///   template <class S> void project(View<S> w) const
///   static constexpr std::string_view keras_names[]
/// and may hide fields() and check().
template <class Derived>
class ConstraintOf : public ConstraintFunction {
 public:
  std::string class_name() const override { return std::string(Derived::keras_names[0]); }
  void config(ConfigVisitor& c) override {
    static_cast<Derived&>(*this).fields(c);
    static_cast<const Derived&>(*this).check();
  }
  void apply(View<float> w) const override { static_cast<const Derived&>(*this).project(w); }
  void apply(View<double> w) const override { static_cast<const Derived&>(*this).project(w); }

  void fields(ConfigVisitor&) {}
  void check() const {}
};

/// Keras's backend.epsilon(), which is added to a norm before dividing by it.
inline constexpr double epsilon = 1e-7;

}  // namespace graft::constraints
