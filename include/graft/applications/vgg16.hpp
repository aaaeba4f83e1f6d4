#pragma once
#include <graft/applications/application_options.hpp>
#include <graft/applications/decode_predictions.hpp>
#include <graft/applications/preprocessing.hpp>
#include <graft/layers/conv2d.hpp>
#include <graft/layers/dense.hpp>
#include <graft/layers/flatten.hpp>
#include <graft/layers/global_average_pooling2d.hpp>
#include <graft/layers/global_max_pooling2d.hpp>
#include <graft/layers/input_layer.hpp>
#include <graft/layers/max_pooling2d.hpp>

namespace graft::applications {

namespace vgg16 {

/// Source: keras/src/applications/vgg16.py, mode "caffe".
inline constexpr CaffePreprocessing preprocess_input{"vgg16.preprocess_input"};
using applications::decode_predictions;

}  // namespace vgg16

namespace detail {

/// `count` 3x3 convolutions block{b}_conv1, .. and the pool that halves height and width.
template <class Scalar>
SymbolicTensor<Scalar> vgg_block(SymbolicTensor<Scalar> x, Index block, Index count, Index filters) {
  const std::string name = "block" + std::to_string(block);
  for (Index i = 1; i <= count; ++i)
    x = layers::Conv2D<Scalar>(filters, 3, {.padding = "same", .activation = "relu", .name = name + "_conv" + std::to_string(i)})(x);
  return layers::MaxPooling2D<Scalar>(2, {.strides = Size2D(2), .name = name + "_pool"})(x);
}

template <class Scalar>
SymbolicTensor<Scalar> vgg_top(SymbolicTensor<Scalar> x, const ApplicationOptions<Scalar>& o) {
  x = layers::Flatten<Scalar>({.name = "flatten"})(x);
  x = layers::Dense<Scalar>(4096, {.activation = "relu", .name = "fc1"})(x);
  x = layers::Dense<Scalar>(4096, {.activation = "relu", .name = "fc2"})(x);
  return layers::Dense<Scalar>(o.classes, {.activation = o.classifier_activation, .name = "predictions"})(x);
}

}  // namespace detail

/// VGG16: 13 convolutions in 5 blocks, 3 dense layers on top (Simonyan and Zisserman 2014, arXiv 1409.1556). Input
/// (batch, height, width, 3), prepared by vgg16::preprocess_input, at least 32 x 32; output (batch, classes), or without
/// top (batch, height / 32, width / 32, 512). 23 layers and 138,357,544 parameters with top, 19 and 14,714,688 without.
/// Throws ArgumentError for options that do not go together, FileError if the weights are not there.
template <class Scalar = float>
Model<Scalar> VGG16(const ApplicationOptions<Scalar>& options = {}) {
  const ApplicationFacts facts{"vgg16", 224, 32};
  const Shape shape = application_input_shape(options, facts);
  const auto input = options.input_tensor ? *options.input_tensor : Input<Scalar>(shape);
  auto x = detail::vgg_block(input, 1, 2, 64);
  x = detail::vgg_block(x, 2, 2, 128);
  x = detail::vgg_block(x, 3, 3, 256);
  x = detail::vgg_block(x, 4, 3, 512);
  x = detail::vgg_block(x, 5, 3, 512);
  if (options.include_top)
    x = detail::vgg_top(x, options);
  else if (options.pooling == "avg")
    x = layers::GlobalAveragePooling2D<Scalar>()(x);
  else if (options.pooling == "max")
    x = layers::GlobalMaxPooling2D<Scalar>()(x);
  Model<Scalar> model(input, x, {.name = options.name.empty() ? facts.name : options.name});
  load_application_weights(model, options, facts);
  return model;
}

}  // namespace graft::applications
