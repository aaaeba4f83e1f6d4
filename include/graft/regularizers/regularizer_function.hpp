#pragma once
#include <graft/core/config_visitor.hpp>
#include <graft/core/error.hpp>
#include <graft/core/view.hpp>
#include <string>
#include <string_view>
#include <utility>

namespace graft::regularizers {

/// A penalty r(w) that is added to the loss. To write one of your own derive from ElementwiseRegularizer, or from this.
class RegularizerFunction {
 public:
  virtual ~RegularizerFunction() = default;

  /// As Keras's class: "L2".
  virtual std::string class_name() const = 0;
  /// Keras's get_config. Throws ArgumentError if what was read is wrong.
  virtual void config(ConfigVisitor& c) = 0;

  /// r(w), summed in double.
  virtual double value(View<const float> w) const = 0;
  virtual double value(View<const double> w) const = 0;
  /// dw += scale r'(w).
  virtual void add_gradient(View<const float> w, View<float> dw, double scale) const = 0;
  virtual void add_gradient(View<const double> w, View<double> dw, double scale) const = 0;
};

/// Makes a RegularizerFunction of a class that has
///   template <class S> S element(S w) const        r is the sum of these
///   template <class S> S slope(S w) const          their derivative
///   void fields(ConfigVisitor&), void check() const, static constexpr std::string_view keras_names[]
template <class Derived, class Options>
class ElementwiseRegularizer : public RegularizerFunction {
 public:
  explicit ElementwiseRegularizer(Options options) : options_(std::move(options)) {}

  std::string class_name() const override { return std::string(Derived::keras_names[0]); }
  const Options& options() const { return options_; }
  void config(ConfigVisitor& c) override {
    static_cast<Derived&>(*this).fields(c);
    derived().check();
  }
  double value(View<const float> w) const override { return sum(w); }
  double value(View<const double> w) const override { return sum(w); }
  void add_gradient(View<const float> w, View<float> dw, double scale) const override { add(w, dw, scale); }
  void add_gradient(View<const double> w, View<double> dw, double scale) const override { add(w, dw, scale); }

 protected:
  /// Throws ArgumentError for a factor that is negative or not a number.
  static void check_factor(const char* name, double factor) {
    if (!(factor >= 0)) raise<ArgumentError>(Derived::keras_names[0], ": ", name, " is at least 0, got ", factor, ".");
  }

  Options options_;

 private:
  const Derived& derived() const { return static_cast<const Derived&>(*this); }
  template <class S>
  double sum(View<const S> w) const {
    double total = 0;
    for (const S v : w.span()) total += static_cast<double>(derived().element(v));
    return total;
  }
  template <class S>
  void add(View<const S> w, View<S> dw, double scale) const {
    const S factor = static_cast<S>(scale);
    for (Index i = 0; i < w.size(); ++i) dw.data[i] += factor * derived().slope(w.data[i]);
  }
};

}  // namespace graft::regularizers
