#pragma once
#include <graft/layers/activation.hpp>
#include <graft/layers/add.hpp>
#include <graft/layers/average.hpp>
#include <graft/layers/average_pooling1d.hpp>
#include <graft/layers/average_pooling2d.hpp>
#include <graft/layers/batch_normalization.hpp>
#include <graft/layers/concatenate.hpp>
#include <graft/layers/conv1d.hpp>
#include <graft/layers/conv2d.hpp>
#include <graft/layers/dense.hpp>
#include <graft/layers/depthwise_conv2d.hpp>
#include <graft/layers/dot.hpp>
#include <graft/layers/dropout.hpp>
#include <graft/layers/elu.hpp>
#include <graft/layers/flatten.hpp>
#include <graft/layers/global_average_pooling1d.hpp>
#include <graft/layers/global_average_pooling2d.hpp>
#include <graft/layers/global_max_pooling1d.hpp>
#include <graft/layers/global_max_pooling2d.hpp>
#include <graft/layers/input_layer.hpp>
#include <graft/layers/leaky_relu.hpp>
#include <graft/layers/max_pooling1d.hpp>
#include <graft/layers/max_pooling2d.hpp>
#include <graft/layers/maximum.hpp>
#include <graft/layers/minimum.hpp>
#include <graft/layers/multiply.hpp>
#include <graft/layers/normalization.hpp>
#include <graft/layers/prelu.hpp>
#include <graft/layers/random_flip.hpp>
#include <graft/layers/random_rotation.hpp>
#include <graft/layers/random_translation.hpp>
#include <graft/layers/random_zoom.hpp>
#include <graft/layers/relu.hpp>
#include <graft/layers/rescaling.hpp>
#include <graft/layers/reshape.hpp>
#include <graft/layers/separable_conv2d.hpp>
#include <graft/layers/softmax.hpp>
#include <graft/layers/subtract.hpp>
#include <graft/layers/zero_padding2d.hpp>
#include <graft/saving/layer_factory.hpp>

namespace graft::saving {

/// Every layer class of the library, under Keras's name.
template <class Scalar>
void add_builtin_layers(LayerFactory<Scalar>& factory) {
  factory.add("Activation", maker<layers::Activation<Scalar>>());
  factory.add("Add", maker<layers::Add<Scalar>>());
  factory.add("Average", maker<layers::Average<Scalar>>());
  factory.add("AveragePooling1D", maker<layers::AveragePooling1D<Scalar>>());
  factory.add("AveragePooling2D", maker<layers::AveragePooling2D<Scalar>>());
  factory.add("BatchNormalization", maker<layers::BatchNormalization<Scalar>>());
  factory.add("Concatenate", maker<layers::Concatenate<Scalar>>());
  factory.add("Conv1D", maker<layers::Conv1D<Scalar>>());
  factory.add("Conv2D", maker<layers::Conv2D<Scalar>>());
  factory.add("Dense", maker<layers::Dense<Scalar>>());
  factory.add("DepthwiseConv2D", maker<layers::DepthwiseConv2D<Scalar>>());
  factory.add("Dot", maker<layers::Dot<Scalar>>());
  factory.add("Dropout", maker<layers::Dropout<Scalar>>());
  factory.add("ELU", maker<layers::ELU<Scalar>>());
  factory.add("Flatten", maker<layers::Flatten<Scalar>>());
  factory.add("GlobalAveragePooling1D", maker<layers::GlobalAveragePooling1D<Scalar>>());
  factory.add("GlobalAveragePooling2D", maker<layers::GlobalAveragePooling2D<Scalar>>());
  factory.add("GlobalMaxPooling1D", maker<layers::GlobalMaxPooling1D<Scalar>>());
  factory.add("GlobalMaxPooling2D", maker<layers::GlobalMaxPooling2D<Scalar>>());
  factory.add("InputLayer", maker<layers::InputLayer<Scalar>>());
  factory.add("LeakyReLU", maker<layers::LeakyReLU<Scalar>>());
  factory.add("Maximum", maker<layers::Maximum<Scalar>>());
  factory.add("MaxPooling1D", maker<layers::MaxPooling1D<Scalar>>());
  factory.add("MaxPooling2D", maker<layers::MaxPooling2D<Scalar>>());
  factory.add("Minimum", maker<layers::Minimum<Scalar>>());
  factory.add("Multiply", maker<layers::Multiply<Scalar>>());
  factory.add("Normalization", maker<layers::Normalization<Scalar>>());
  factory.add("PReLU", maker<layers::PReLU<Scalar>>());
  factory.add("RandomFlip", maker<layers::RandomFlip<Scalar>>());
  factory.add("RandomRotation", maker<layers::RandomRotation<Scalar>>());
  factory.add("RandomTranslation", maker<layers::RandomTranslation<Scalar>>());
  factory.add("RandomZoom", maker<layers::RandomZoom<Scalar>>());
  factory.add("ReLU", maker<layers::ReLU<Scalar>>());
  factory.add("Rescaling", maker<layers::Rescaling<Scalar>>());
  factory.add("Reshape", maker<layers::Reshape<Scalar>>());
  factory.add("SeparableConv2D", maker<layers::SeparableConv2D<Scalar>>());
  factory.add("Softmax", maker<layers::Softmax<Scalar>>());
  factory.add("Subtract", maker<layers::Subtract<Scalar>>());
  factory.add("ZeroPadding2D", maker<layers::ZeroPadding2D<Scalar>>());
}

}  // namespace graft::saving
