#pragma once
#include <graft/applications/application_options.hpp>
#include <graft/layers/activation.hpp>
#include <graft/layers/batch_normalization.hpp>
#include <graft/layers/conv2d.hpp>
#include <graft/layers/dense.hpp>
#include <graft/layers/global_average_pooling2d.hpp>
#include <graft/layers/global_max_pooling2d.hpp>

// The units that several architectures are made of.
namespace graft::applications::detail {

/// conv -> normalization -> relu under the names {name}_conv, {name}_bn, {name}_relu.
template <class Scalar>
class ConvUnits {
 public:
  using Tensor = SymbolicTensor<Scalar>;

  /// epsilon of the normalizations.
  explicit ConvUnits(double epsilon) : epsilon_(epsilon) {}

  Tensor conv(const Tensor& x, Index filters, Size2D kernel, const std::string& name,
              layers::Conv2DOptions options = {}) const {
    options.name = name + "_conv";
    return layers::Conv2D<Scalar>(filters, kernel, std::move(options))(x);
  }
  Tensor bn(const Tensor& x, const std::string& name) const {
    return layers::BatchNormalization<Scalar>({.axis = 3, .epsilon = epsilon_, .name = name + "_bn"})(x);
  }
  Tensor relu(const Tensor& x, const std::string& name) const {
    return layers::Activation<Scalar>("relu", {.name = name + "_relu"})(x);
  }
  Tensor bn_relu(const Tensor& x, const std::string& name) const { return relu(bn(x, name), name); }
  Tensor conv_bn(const Tensor& x, Index filters, Size2D kernel, const std::string& name,
                 layers::Conv2DOptions options = {}) const {
    return bn(conv(x, filters, kernel, name, std::move(options)), name);
  }
  Tensor conv_bn_relu(const Tensor& x, Index filters, Size2D kernel, const std::string& name,
                      layers::Conv2DOptions options = {}) const {
    return relu(conv_bn(x, filters, kernel, name, std::move(options)), name);
  }

 private:
  double epsilon_;
};

/// Without top: what .pooling says. Names that are empty are automatic.
template <class Scalar>
SymbolicTensor<Scalar> pooled(const SymbolicTensor<Scalar>& x, const ApplicationOptions<Scalar>& o,
                              const std::string& average_name, const std::string& max_name) {
  if (o.pooling == "avg") return layers::GlobalAveragePooling2D<Scalar>({.name = average_name})(x);
  if (o.pooling == "max") return layers::GlobalMaxPooling2D<Scalar>({.name = max_name})(x);
  return x;
}

/// The top of most networks: global average "avg_pool", dense layer "predictions".
template <class Scalar>
SymbolicTensor<Scalar> average_and_predict(const SymbolicTensor<Scalar>& x, const ApplicationOptions<Scalar>& o) {
  return layers::Dense<Scalar>(o.classes, {.activation = o.classifier_activation, .name = "predictions"})(
      layers::GlobalAveragePooling2D<Scalar>({.name = "avg_pool"})(x));
}

}  // namespace graft::applications::detail
