#pragma once
#include <array>
#include <graft/applications/decode_predictions.hpp>
#include <graft/applications/inverted_residual.hpp>
#include <graft/applications/mobile_options.hpp>
#include <graft/applications/preprocessing.hpp>
#include <graft/applications/units.hpp>
#include <graft/layers/add.hpp>
#include <graft/layers/depthwise_conv2d.hpp>
#include <graft/layers/relu.hpp>

namespace graft::applications {

namespace mobilenet_v2 {

/// Source: keras/src/applications/mobilenet_v2.py, mode "tf".
inline constexpr ImagePreprocessing preprocess_input{"mobilenet_v2.preprocess_input", PreprocessingMode::tf};
using applications::decode_predictions;

}  // namespace mobilenet_v2

/// Those of every application, and the network's width.
template <class Scalar = float>
struct MobileNetV2Options {
  std::optional<std::string> weights = "imagenet";  ///< "imagenet", a path, or std::nullopt for random ones
  bool include_top = true;
  std::optional<SymbolicTensor<Scalar>> input_tensor = {};
  std::optional<Shape> input_shape = {};                ///< (height, width, channels)
  std::optional<std::string> pooling = {};              ///< without top: "avg", "max"; nothing keeps the 4-D output
  Index classes = 1000;                                 ///< with top
  graft::Activation classifier_activation = "softmax";  ///< with top; "linear" gives logits
  double alpha = 1;                                     ///< share of the filters that each layer keeps
  std::string name = {};                                ///< empty: "mobilenetv2_1.00_224", by alpha and height
};

namespace detail {

/// Convolutions without bias, normalized; a relu is cut off at 6.
template <class Scalar>
class MobileNetV2Blocks {
 public:
  using Tensor = SymbolicTensor<Scalar>;

  explicit MobileNetV2Blocks(double alpha) : alpha_(alpha) {}

  Tensor stem(const Tensor& x) const {
    const layers::Conv2D<Scalar> conv(divisible_by_8(32 * alpha_), 3,
                                      {.strides = 2, .padding = "same", .use_bias = false, .name = "Conv1"});
    return relu(bn(conv(x), "bn_Conv1"), "Conv1_relu");
  }
  /// 1x1 to `expansion` times the channels, 3x3 on each by itself, 1x1 to the filters without a relu; plus the input if
  /// that has the same shape. The first block does not expand.
  Tensor block(const Tensor& input, Index expansion, Index filters, Index stride, Index id) const {
    const Index channels = input.shape().back(),
                outputs = divisible_by_8(static_cast<double>(scaled_filters(filters, alpha_)));
    const std::string name = id == 0 ? "expanded_conv_" : "block_" + std::to_string(id) + "_";
    auto x = input;
    if (id > 0)
      x = relu(bn(pointwise(x, expansion * channels, name + "expand"), name + "expand_BN"), name + "expand_relu");
    if (stride == 2) x = layers::ZeroPadding2D<Scalar>(stride2_padding(x.shape(), 3), {.name = name + "pad"})(x);
    const layers::DepthwiseConv2D<Scalar> depthwise(
        3,
        {.strides = stride, .padding = stride == 1 ? "same" : "valid", .use_bias = false, .name = name + "depthwise"});
    x = relu(bn(depthwise(x), name + "depthwise_BN"), name + "depthwise_relu");
    x = bn(pointwise(x, outputs, name + "project"), name + "project_BN");
    if (channels != outputs || stride != 1) return x;
    return layers::Add<Scalar>({.name = name + "add"})({input, x});
  }
  Tensor end(const Tensor& x) const {
    const Index filters = alpha_ > 1 ? divisible_by_8(1280 * alpha_) : 1280;
    const layers::Conv2D<Scalar> conv(filters, 1, {.use_bias = false, .name = "Conv_1"});
    return relu(bn(conv(x), "Conv_1_bn"), "out_relu");
  }

 private:
  Tensor pointwise(const Tensor& x, Index filters, const std::string& name) const {
    return layers::Conv2D<Scalar>(filters, 1, {.padding = "same", .use_bias = false, .name = name})(x);
  }
  Tensor bn(const Tensor& x, const std::string& name) const {
    return layers::BatchNormalization<Scalar>({.momentum = 0.999, .name = name})(x);
  }
  Tensor relu(const Tensor& x, const std::string& name) const {
    return layers::ReLU<Scalar>({.max_value = 6, .name = name})(x);
  }

  double alpha_;
};

}  // namespace detail

/// MobileNetV2: inverted residual blocks (Sandler et al. 2018, arXiv 1801.04381). Input (batch, height, width, 3),
/// prepared by mobilenet_v2::preprocess_input, at least 32 x 32; output (batch, classes), or without top (batch, height
/// / 32, width / 32, 1280), rounded up; an alpha above 1 makes that 1280 alpha. 156 layers and 3,538,984 parameters
/// with top, 154 and 2,257,984 without. Throws ArgumentError for options that do not go together, FileError if the
/// weights are not there.
template <class Scalar = float>
Model<Scalar> MobileNetV2(const MobileNetV2Options<Scalar>& options = {}) {
  const auto facts =
      detail::mobile_facts("mobilenetv2", options, {96, 128, 160, 192, 224}, {0.35, 0.5, 0.75, 1, 1.3, 1.4});
  const auto common = detail::common_options<Scalar>(options);
  return make_application(common, facts, [&](SymbolicTensor<Scalar> x) {
    const detail::MobileNetV2Blocks<Scalar> net(options.alpha);
    x = net.stem(x);
    Index id = 0;
    for (const auto& [expansion, filters, repeats, stride] : {std::array<Index, 4>{1, 16, 1, 1},
                                                              {6, 24, 2, 2},
                                                              {6, 32, 3, 2},
                                                              {6, 64, 4, 2},
                                                              {6, 96, 3, 1},
                                                              {6, 160, 3, 2},
                                                              {6, 320, 1, 1}})
      for (Index i = 0; i < repeats; ++i) x = net.block(x, expansion, filters, i == 0 ? stride : 1, id++);
    x = net.end(x);
    if (!options.include_top) return detail::pooled(x, common, "", "");
    return layers::Dense<Scalar>(options.classes, {.activation = options.classifier_activation, .name = "predictions"})(
        layers::GlobalAveragePooling2D<Scalar>()(x));
  });
}

}  // namespace graft::applications
