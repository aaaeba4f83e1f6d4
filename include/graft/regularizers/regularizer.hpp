#pragma once
#include <algorithm>
#include <concepts>
#include <graft/core/named.hpp>
#include <graft/regularizers/l1.hpp>
#include <graft/regularizers/l1_l2.hpp>
#include <graft/regularizers/l2.hpp>
#include <iterator>
#include <memory>
#include <type_traits>

namespace graft {

namespace regularizers {

/// The regularizer of a Keras name: "l1", "l2", "l1l2" or a class name. Throws ArgumentError for another.
inline std::shared_ptr<RegularizerFunction> make(std::string_view name) {
  return make_one_of<RegularizerFunction, L1, L2, L1L2>({"Regularizer", "regularizer"}, name);
}

}  // namespace regularizers

/// What layers take as a penalty on a weight: nothing, a name ("l2"), or regularizers::X({..}), also of a class of your
/// own.
class Regularizer {
 public:
  /// No penalty: Python's None.
  Regularizer() = default;
  Regularizer(const char* name) : Regularizer(std::string(name)) {}
  Regularizer(const std::string& name) : function_(regularizers::make(name)) {}
  template <std::derived_from<regularizers::RegularizerFunction> T>
  Regularizer(const T& function) : function_(std::make_shared<T>(function)) {}

  /// False for no penalty.
  explicit operator bool() const { return function_ != nullptr; }
  std::string class_name() const { return function_ ? function_->class_name() : ""; }

  /// The penalty; 0 for none.
  template <class S>
  double value(View<S> w) const {
    return function_ ? function_->value(View<const std::remove_const_t<S>>{w.data, w.shape}) : 0;
  }
  /// dw += scale times the penalty's gradient at w. Requires that dw has w's size.
  template <class S>
  void add_gradient(View<const S> w, View<S> dw, double scale = 1) const {
    if (function_) function_->add_gradient(w, dw, scale);
  }

  /// {"class_name", "config"} as Keras writes it; null for none.
  void visit(ConfigVisitor& c, std::string_view field) {
    std::string name = class_name();
    c.object(field, "keras.regularizers", name, [&](ConfigVisitor& fields) {
      if (c.reading()) function_ = regularizers::make(name);
      if (function_) function_->config(fields);
    });
    if (name.empty()) function_ = nullptr;
  }

 private:
  std::shared_ptr<regularizers::RegularizerFunction> function_;
};

}  // namespace graft
