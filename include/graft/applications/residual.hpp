#pragma once
#include <array>
#include <graft/applications/application.hpp>
#include <graft/applications/units.hpp>
#include <graft/layers/add.hpp>
#include <graft/layers/max_pooling2d.hpp>
#include <graft/layers/zero_padding2d.hpp>

// What ResNet and ResNetV2 share. Source: keras/src/applications/resnet.py.
namespace graft::applications::detail {

inline constexpr double residual_epsilon = 1.001e-5;

/// 7x7 convolution with stride 2.
template <class Scalar>
SymbolicTensor<Scalar> residual_stem_conv(const SymbolicTensor<Scalar>& x) {
  return layers::Conv2D<Scalar>(
      64, 7, {.strides = 2, .name = "conv1_conv"})(layers::ZeroPadding2D<Scalar>(3, {.name = "conv1_pad"})(x));
}

/// 3x3 maximum with stride 2; the zeros around the image take part in it.
template <class Scalar>
SymbolicTensor<Scalar> residual_stem_pool(const SymbolicTensor<Scalar>& x) {
  return layers::MaxPooling2D<Scalar>(
      3, {.strides = Size2D(2), .name = "pool1_pool"})(layers::ZeroPadding2D<Scalar>(1, {.name = "pool1_pad"})(x));
}

}  // namespace graft::applications::detail
