#pragma once
#include <array>
#include <graft/applications/application.hpp>
#include <graft/applications/units.hpp>
#include <graft/layers/flatten.hpp>
#include <graft/layers/max_pooling2d.hpp>

// What VGG16 and VGG19 share.
namespace graft::applications::detail {

/// `count` 3x3 convolutions block{b}_conv1, .. and the pool that halves height and width.
template <class Scalar>
SymbolicTensor<Scalar> vgg_block(SymbolicTensor<Scalar> x, Index block, Index count, Index filters) {
  const std::string name = "block" + std::to_string(block);
  for (Index i = 1; i <= count; ++i)
    x = layers::Conv2D<Scalar>(
        filters, 3, {.padding = "same", .activation = "relu", .name = name + "_conv" + std::to_string(i)})(x);
  return layers::MaxPooling2D<Scalar>(2, {.strides = Size2D(2), .name = name + "_pool"})(x);
}

template <class Scalar>
SymbolicTensor<Scalar> vgg_top(SymbolicTensor<Scalar> x, const ApplicationOptions<Scalar>& o) {
  x = layers::Flatten<Scalar>({.name = "flatten"})(x);
  x = layers::Dense<Scalar>(4096, {.activation = "relu", .name = "fc1"})(x);
  x = layers::Dense<Scalar>(4096, {.activation = "relu", .name = "fc2"})(x);
  return layers::Dense<Scalar>(o.classes, {.activation = o.classifier_activation, .name = "predictions"})(x);
}

/// `convolutions` of each block.
template <class Scalar>
Model<Scalar> vgg(const ApplicationOptions<Scalar>& options, const ApplicationFacts& facts,
                  const std::array<Index, 5>& convolutions) {
  return make_application(options, facts, [&](SymbolicTensor<Scalar> x) {
    x = vgg_block(x, 1, convolutions[0], 64);
    x = vgg_block(x, 2, convolutions[1], 128);
    x = vgg_block(x, 3, convolutions[2], 256);
    x = vgg_block(x, 4, convolutions[3], 512);
    x = vgg_block(x, 5, convolutions[4], 512);
    return options.include_top ? vgg_top(x, options) : pooled(x, options, "", "");
  });
}

}  // namespace graft::applications::detail
