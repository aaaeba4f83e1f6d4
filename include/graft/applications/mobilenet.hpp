#pragma once
#include <array>
#include <graft/applications/decode_predictions.hpp>
#include <graft/applications/mobile_options.hpp>
#include <graft/applications/preprocessing.hpp>
#include <graft/applications/units.hpp>
#include <graft/layers/depthwise_conv2d.hpp>
#include <graft/layers/dropout.hpp>
#include <graft/layers/relu.hpp>
#include <graft/layers/reshape.hpp>
#include <graft/layers/zero_padding2d.hpp>

namespace graft::applications {

namespace mobilenet {

/// Source: keras/src/applications/mobilenet.py, mode "tf".
inline constexpr ImagePreprocessing preprocess_input{"mobilenet.preprocess_input", PreprocessingMode::tf};
using applications::decode_predictions;

}  // namespace mobilenet

/// Those of every application, and the network's width.
template <class Scalar = float>
struct MobileNetOptions {
  std::optional<std::string> weights = "imagenet";  ///< "imagenet", a path, or std::nullopt for random ones
  bool include_top = true;
  std::optional<SymbolicTensor<Scalar>> input_tensor = {};
  std::optional<Shape> input_shape = {};                ///< (height, width, channels)
  std::optional<std::string> pooling = {};              ///< without top: "avg", "max"; nothing keeps the 4-D output
  Index classes = 1000;                                 ///< with top
  graft::Activation classifier_activation = "softmax";  ///< with top; "linear" gives logits
  double alpha = 1;                                     ///< share of the filters that each layer keeps
  Index depth_multiplier = 1;                           ///< depthwise filters a channel
  double dropout = 1e-3;                                ///< with top
  std::string name = {};                                ///< empty: "mobilenet_1.00_224", by alpha and height
};

namespace detail {

/// Convolutions without bias, each followed by {name}_bn and {name}_relu, which is cut off at 6.
template <class Scalar>
class MobileNetBlocks {
 public:
  using Tensor = SymbolicTensor<Scalar>;

  explicit MobileNetBlocks(const MobileNetOptions<Scalar>& options) : options_(options) {}

  Tensor conv(const Tensor& x, Index filters, Size2D kernel, Index stride, const std::string& name) const {
    const layers::Conv2D<Scalar> layer(scaled_filters(filters, options_.alpha), kernel,
                                       {.strides = stride, .padding = "same", .use_bias = false, .name = name});
    return bn_relu(layer(x), name);
  }
  /// 3x3 on every channel by itself, then 1x1 over the channels.
  Tensor block(Tensor x, Index filters, Index stride, Index id) const {
    const std::string number = std::to_string(id), name = "conv_dw_" + number;
    if (stride > 1) x = layers::ZeroPadding2D<Scalar>({{0, 1}, {0, 1}}, {.name = "conv_pad_" + number})(x);
    const layers::DepthwiseConv2D<Scalar> depthwise(3, {.strides = stride,
                                                        .padding = stride > 1 ? "valid" : "same",
                                                        .depth_multiplier = options_.depth_multiplier,
                                                        .use_bias = false,
                                                        .name = name});
    return conv(bn_relu(depthwise(x), name), filters, 1, 1, "conv_pw_" + number);
  }
  Tensor top(Tensor x) const {
    x = layers::GlobalAveragePooling2D<Scalar>({.keepdims = true})(x);
    x = layers::Dropout<Scalar>(options_.dropout, {.name = "dropout"})(x);
    x = layers::Conv2D<Scalar>(options_.classes, 1, {.padding = "same", .name = "conv_preds"})(x);
    x = layers::Reshape<Scalar>({options_.classes}, {.name = "reshape_2"})(x);
    return layers::Activation<Scalar>(options_.classifier_activation, {.name = "predictions"})(x);
  }

 private:
  Tensor bn_relu(const Tensor& x, const std::string& name) const {
    const layers::BatchNormalization<Scalar> bn({.name = name + "_bn"});
    return layers::ReLU<Scalar>({.max_value = 6, .name = name + "_relu"})(bn(x));
  }

  MobileNetOptions<Scalar> options_;
};

}  // namespace detail

/// MobileNet: depthwise separable convolutions (Howard et al. 2017, arXiv 1704.04861). Input (batch, height, width, 3),
/// prepared by mobilenet::preprocess_input, at least 32 x 32; output (batch, classes), or without top (batch, height /
/// 32, width / 32, 1024 alpha), rounded up. 91 layers and 4,253,864 parameters with top, 86 and 3,228,864 without.
/// Throws ArgumentError for options that do not go together, FileError if the weights are not there.
template <class Scalar = float>
Model<Scalar> MobileNet(const MobileNetOptions<Scalar>& options = {}) {
  if (options.weights == "imagenet" && options.depth_multiplier != 1)
    raise<ArgumentError>("mobilenet: there are ImageNet weights for depth_multiplier 1, got ", options.depth_multiplier,
                         ".");
  const auto facts = detail::mobile_facts("mobilenet", options, {128, 160, 192, 224}, {0.25, 0.5, 0.75, 1});
  const auto common = detail::common_options<Scalar>(options);
  return make_application(common, facts, [&](SymbolicTensor<Scalar> x) {
    const detail::MobileNetBlocks<Scalar> net(options);
    x = net.conv(x, 32, 3, 2, "conv1");
    Index id = 0;
    for (const auto& [filters, stride, repeats] : {std::array<Index, 3>{64, 1, 1},
                                                   {128, 2, 1},
                                                   {128, 1, 1},
                                                   {256, 2, 1},
                                                   {256, 1, 1},
                                                   {512, 2, 1},
                                                   {512, 1, 5},
                                                   {1024, 2, 1},
                                                   {1024, 1, 1}})
      for (Index i = 0; i < repeats; ++i) x = net.block(x, filters, stride, ++id);
    return options.include_top ? net.top(x) : detail::pooled(x, common, "", "");
  });
}

}  // namespace graft::applications
