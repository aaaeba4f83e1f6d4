#pragma once
#include <concepts>
#include <graft/core/named.hpp>
#include <graft/core/tensor.hpp>
#include <graft/initializers/constant.hpp>
#include <graft/initializers/glorot.hpp>
#include <graft/initializers/he.hpp>
#include <graft/initializers/identity.hpp>
#include <graft/initializers/lecun.hpp>
#include <graft/initializers/orthogonal.hpp>
#include <graft/initializers/random_normal.hpp>
#include <graft/initializers/random_uniform.hpp>
#include <graft/initializers/truncated_normal.hpp>
#include <graft/initializers/variance_scaling.hpp>
#include <memory>

namespace graft {

namespace initializers {

/// The initializer of a Keras name: class name, snake_case name or alias. Throws ArgumentError for another.
inline std::shared_ptr<InitializerFunction> make(std::string_view name) {
  return make_one_of<InitializerFunction, Zeros, Ones, Constant, RandomNormal, RandomUniform, TruncatedNormal,
                     VarianceScaling, GlorotUniform, GlorotNormal, HeUniform, HeNormal, LecunUniform, LecunNormal,
                     Orthogonal, Identity>({"Initializer", "initializer"}, name);
}

}  // namespace initializers

/// How a weight begins: a name ("glorot_uniform"), which gives new values at every use, or initializers::X({..}), also
/// of a class of your own, which gives the same values at every use, as in Keras.
class Initializer {
 public:
  Initializer(const char* name) : Initializer(std::string(name)) {}
  Initializer(const std::string& name) : function_(initializers::make(name)), fresh_(true) {}
  template <std::derived_from<initializers::InitializerFunction> T>
  Initializer(const T& function) : function_(std::make_shared<T>(function)) {}

  std::string class_name() const { return function_->class_name(); }

  /// A tensor of first values. `random` is what a name draws from; an instance has its own seed. Throws ShapeError if
  /// the initializer is not made for the shape.
  template <class S = float>
  Tensor<S> operator()(const Shape& shape, RandomStream random) const {
    Tensor<S> values(shape);
    const auto seed = function_->seed();
    function_->fill(values.view(), fresh_ || !seed ? random : RandomStream(*seed));
    return values;
  }

  /// {"class_name", "config"} as Keras writes it.
  void visit(ConfigVisitor& c, std::string_view field) {
    std::string name = class_name();
    c.object(field, "keras.initializers", name, [&](ConfigVisitor& fields) {
      if (c.reading()) {
        function_ = initializers::make(name);
        fresh_ = false;
      }
      function_->config(fields);
    });
  }

 private:
  std::shared_ptr<initializers::InitializerFunction> function_;
  bool fresh_ = false;
};

}  // namespace graft
