#pragma once
#include <array>
#include <graft/applications/application.hpp>
#include <graft/applications/decode_predictions.hpp>
#include <graft/applications/preprocessing.hpp>
#include <graft/applications/units.hpp>
#include <graft/layers/average_pooling2d.hpp>
#include <graft/layers/concatenate.hpp>
#include <graft/layers/max_pooling2d.hpp>
#include <graft/layers/zero_padding2d.hpp>

namespace graft::applications {

namespace densenet {

/// Source: keras/src/applications/densenet.py, mode "torch".
inline constexpr ImagePreprocessing preprocess_input{"densenet.preprocess_input", PreprocessingMode::torch};
using applications::decode_predictions;

}  // namespace densenet

namespace detail {

/// The convolutions of a DenseNet: without bias, each after normalization and relu.
template <class Scalar>
class DenseNetBlocks {
 public:
  using Tensor = SymbolicTensor<Scalar>;

  Tensor stem(Tensor x) const {
    x = layers::ZeroPadding2D<Scalar>(3)(x);
    x = unit_.conv_bn_relu(x, 64, 7, "conv1", {.strides = 2, .use_bias = false});
    x = layers::ZeroPadding2D<Scalar>(1)(x);
    return layers::MaxPooling2D<Scalar>(3, {.strides = Size2D(2), .name = "pool1"})(x);
  }
  /// Each layer adds `growth` channels to those that it has seen.
  Tensor dense_block(Tensor x, const std::string& name, Index count) const {
    for (Index i = 1; i <= count; ++i) x = grown(x, name + "_block" + std::to_string(i));
    return x;
  }
  /// Half the channels, half the height and width.
  Tensor transition(Tensor x, const std::string& name) const {
    x = unit_.conv(unit_.bn_relu(x, name), x.shape().back() / 2, 1, name, {.use_bias = false});
    return layers::AveragePooling2D<Scalar>(2, {.strides = Size2D(2), .name = name + "_pool"})(x);
  }
  Tensor end(const Tensor& x) const {
    const layers::BatchNormalization<Scalar> bn({.axis = 3, .epsilon = epsilon, .name = "bn"});
    return layers::Activation<Scalar>("relu", {.name = "relu"})(bn(x));
  }

 private:
  static constexpr Index growth = 32;
  static constexpr double epsilon = 1.001e-5;

  Tensor grown(const Tensor& x, const std::string& name) const {
    auto y = unit_.conv_bn_relu(unit_.bn_relu(x, name + "_0"), 4 * growth, 1, name + "_1", {.use_bias = false});
    y = unit_.conv(y, growth, 3, name + "_2", {.padding = "same", .use_bias = false});
    return layers::Concatenate<Scalar>({.axis = 3, .name = name + "_concat"})({x, y});
  }

  ConvUnits<Scalar> unit_{epsilon};
};

/// `blocks` layers in the four dense blocks.
template <class Scalar>
Model<Scalar> densenet(const ApplicationOptions<Scalar>& options, const std::string& name,
                       const std::array<Index, 4>& blocks) {
  const ApplicationFacts facts{name, 224, 32};
  return make_application(options, facts, [&](SymbolicTensor<Scalar> x) {
    const DenseNetBlocks<Scalar> net;
    x = net.stem(x);
    x = net.transition(net.dense_block(x, "conv2", blocks[0]), "pool2");
    x = net.transition(net.dense_block(x, "conv3", blocks[1]), "pool3");
    x = net.transition(net.dense_block(x, "conv4", blocks[2]), "pool4");
    x = net.end(net.dense_block(x, "conv5", blocks[3]));
    return options.include_top ? average_and_predict(x, options) : pooled(x, options, "avg_pool", "max_pool");
  });
}

}  // namespace detail

/// DenseNet121: every layer of a block sees all before it (Huang et al. 2016, arXiv 1608.06993). Input (batch, height,
/// width, 3), prepared by densenet::preprocess_input, at least 32 x 32; output (batch, classes), or without top (batch,
/// height / 32, width / 32, 1024). 429 layers and 8,062,504 parameters with top, 427 and 7,037,504 without.
/// Throws ArgumentError for options that do not go together, FileError if the weights are not there.
template <class Scalar = float>
Model<Scalar> DenseNet121(const ApplicationOptions<Scalar>& options = {}) {
  return detail::densenet(options, "densenet121", {6, 12, 24, 16});
}

/// DenseNet121 with blocks of 6, 12, 32 and 32 layers and 1664 channels at its end.
template <class Scalar = float>
Model<Scalar> DenseNet169(const ApplicationOptions<Scalar>& options = {}) {
  return detail::densenet(options, "densenet169", {6, 12, 32, 32});
}

/// DenseNet121 with blocks of 6, 12, 48 and 32 layers and 1920 channels at its end.
template <class Scalar = float>
Model<Scalar> DenseNet201(const ApplicationOptions<Scalar>& options = {}) {
  return detail::densenet(options, "densenet201", {6, 12, 48, 32});
}

}  // namespace graft::applications
