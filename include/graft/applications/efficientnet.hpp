#pragma once
#include <array>
#include <cmath>
#include <graft/applications/application.hpp>
#include <graft/applications/decode_predictions.hpp>
#include <graft/applications/inverted_residual.hpp>
#include <graft/applications/preprocessing.hpp>
#include <graft/applications/units.hpp>
#include <graft/initializers/variance_scaling.hpp>
#include <graft/layers/add.hpp>
#include <graft/layers/depthwise_conv2d.hpp>
#include <graft/layers/dropout.hpp>
#include <graft/layers/multiply.hpp>
#include <graft/layers/normalization.hpp>
#include <graft/layers/rescaling.hpp>
#include <graft/layers/reshape.hpp>

namespace graft::applications {

namespace efficientnet {

/// Changes nothing: the network begins with its own rescaling. Source: keras/src/applications/efficientnet.py.
inline constexpr ImagePreprocessing preprocess_input{"efficientnet.preprocess_input", PreprocessingMode::none};
using applications::decode_predictions;

}  // namespace efficientnet

namespace detail {

/// How much wider and deeper than B0 a member of the family is.
struct EfficientNetScale {
  const char* name;
  double width, depth;
  Index size;
  double dropout;

  Index filters(Index base) const { return divisible_by_8(static_cast<double>(base) * width); }
  Index repeats(Index base) const { return static_cast<Index>(std::ceil(depth * static_cast<double>(base))); }
};

/// A stage of inverted residual blocks, as B0 has it; the stride is that of the first block.
struct EfficientNetStage {
  Index kernel, repeats, inputs, outputs, expansion, stride;
};
inline constexpr std::array<EfficientNetStage, 7> efficientnet_stages{{{3, 1, 32, 16, 1, 1},
                                                                       {3, 2, 16, 24, 6, 2},
                                                                       {5, 2, 24, 40, 6, 2},
                                                                       {3, 3, 40, 80, 6, 2},
                                                                       {5, 3, 80, 112, 6, 1},
                                                                       {5, 4, 112, 192, 6, 2},
                                                                       {3, 1, 192, 320, 6, 1}}};

/// Convolutions without bias, normalized; the activation is silu.
template <class Scalar>
class EfficientNetBlocks {
 public:
  using Tensor = SymbolicTensor<Scalar>;

  /// 0..255 to mean 0 and variance 1. ImageNet's weights were trained with another division after it.
  Tensor rescaled(Tensor x, bool imagenet) const {
    x = layers::Normalization<Scalar>({.axis = 3})(layers::Rescaling<Scalar>(1.0 / 255.0)(x));
    if (!imagenet) return x;
    return layers::Rescaling<Scalar>({1 / std::sqrt(0.229), 1 / std::sqrt(0.224), 1 / std::sqrt(0.225)})(x);
  }
  Tensor stem(Tensor x, Index filters) const {
    x = layers::ZeroPadding2D<Scalar>(stride2_padding(x.shape(), 3), {.name = "stem_conv_pad"})(x);
    return active(bn(conv(x, filters, 3, {.strides = 2, .use_bias = false, .name = "stem_conv"}), "stem_bn"),
                  "stem_activation");
  }
  /// 1x1 to `expansion` times the channels, depthwise with stride, gate by the average of each channel, 1x1 to the
  /// outputs; plus the input if that has the same shape, dropped out by whole samples.
  Tensor block(const Tensor& input, const EfficientNetStage& s, double drop_rate, const std::string& name) const {
    const Index channels = s.inputs * s.expansion;
    auto x = input;
    if (s.expansion > 1)
      x = active(bn(pointwise(x, channels, name + "expand_conv"), name + "expand_bn"), name + "expand_activation");
    if (s.stride == 2)
      x = layers::ZeroPadding2D<Scalar>(stride2_padding(x.shape(), s.kernel), {.name = name + "dwconv_pad"})(x);
    const layers::DepthwiseConv2D<Scalar> depthwise(s.kernel, {.strides = s.stride,
                                                               .padding = s.stride == 2 ? "valid" : "same",
                                                               .use_bias = false,
                                                               .depthwise_initializer = kernel_initializer(),
                                                               .name = name + "dwconv"});
    x = active(bn(depthwise(x), name + "bn"), name + "activation");
    x = gated(x, std::max<Index>(1, s.inputs / 4), name);
    x = bn(pointwise(x, s.outputs, name + "project_conv"), name + "project_bn");
    if (s.stride != 1 || s.inputs != s.outputs) return x;
    if (drop_rate > 0)
      x = layers::Dropout<Scalar>(drop_rate, {.noise_shape = Shape{None, 1, 1, 1}, .name = name + "drop"})(x);
    return layers::Add<Scalar>({.name = name + "add"})({x, input});
  }
  Tensor end(const Tensor& x, Index filters) const {
    return active(bn(pointwise(x, filters, "top_conv"), "top_bn"), "top_activation");
  }
  Tensor top(Tensor x, double dropout, const ApplicationOptions<Scalar>& o) const {
    x = layers::GlobalAveragePooling2D<Scalar>({.name = "avg_pool"})(x);
    x = layers::Dropout<Scalar>(dropout, {.name = "top_dropout"})(x);
    const initializers::VarianceScaling initializer({.scale = 1.0 / 3.0, .mode = "fan_out", .distribution = "uniform"});
    return layers::Dense<Scalar>(
        o.classes,
        {.activation = o.classifier_activation, .kernel_initializer = initializer, .name = "predictions"})(x);
  }

 private:
  static Initializer kernel_initializer() {
    return initializers::VarianceScaling({.scale = 2, .mode = "fan_out", .distribution = "truncated_normal"});
  }
  Tensor conv(const Tensor& x, Index filters, Size2D kernel, layers::Conv2DOptions o) const {
    o.kernel_initializer = kernel_initializer();
    return layers::Conv2D<Scalar>(filters, kernel, std::move(o))(x);
  }
  Tensor pointwise(const Tensor& x, Index filters, const std::string& name) const {
    return conv(x, filters, 1, {.padding = "same", .use_bias = false, .name = name});
  }
  Tensor bn(const Tensor& x, const std::string& name) const {
    return layers::BatchNormalization<Scalar>({.axis = 3, .name = name})(x);
  }
  Tensor active(const Tensor& x, const std::string& name) const {
    return layers::Activation<Scalar>("silu", {.name = name})(x);
  }
  /// Squeeze and excite (Hu et al. 2017, arXiv 1709.01507).
  Tensor gated(const Tensor& x, Index squeezed, const std::string& name) const {
    const Index channels = x.shape().back();
    auto gate = layers::GlobalAveragePooling2D<Scalar>({.name = name + "se_squeeze"})(x);
    gate = layers::Reshape<Scalar>({1, 1, channels}, {.name = name + "se_reshape"})(gate);
    gate = conv(gate, squeezed, 1, {.padding = "same", .activation = "silu", .name = name + "se_reduce"});
    gate = conv(gate, channels, 1, {.padding = "same", .activation = "sigmoid", .name = name + "se_expand"});
    return layers::Multiply<Scalar>({.name = name + "se_excite"})({x, gate});
  }
};

template <class Scalar>
Model<Scalar> efficientnet(const ApplicationOptions<Scalar>& options, const EfficientNetScale& scale) {
  const ApplicationFacts facts{scale.name, scale.size, 32};
  return make_application(options, facts, [&](SymbolicTensor<Scalar> x) {
    const EfficientNetBlocks<Scalar> net;
    x = net.stem(net.rescaled(x, options.weights == "imagenet"), scale.filters(32));
    Index blocks = 0, done = 0;
    for (const auto& stage : efficientnet_stages) blocks += scale.repeats(stage.repeats);
    for (std::size_t i = 0; i < efficientnet_stages.size(); ++i) {
      EfficientNetStage stage = efficientnet_stages[i];
      stage.inputs = scale.filters(stage.inputs);
      stage.outputs = scale.filters(stage.outputs);
      for (Index j = 0; j < scale.repeats(efficientnet_stages[i].repeats); ++j, ++done) {
        const std::string name = "block" + std::to_string(i + 1) + static_cast<char>('a' + j) + "_";
        x = net.block(x, stage, 0.2 * static_cast<double>(done) / static_cast<double>(blocks), name);
        stage.inputs = stage.outputs;
        stage.stride = 1;
      }
    }
    x = net.end(x, scale.filters(1280));
    return options.include_top ? net.top(x, scale.dropout, options) : pooled(x, options, "avg_pool", "max_pool");
  });
}

}  // namespace detail

/// EfficientNetB0: inverted residual blocks with gates (Tan and Le 2019, arXiv 1905.11946). Input (batch, height,
/// width, 3), RGB 0..255, at least 32 x 32; output (batch, classes), or without top (batch, height / 32, width / 32,
/// 1280), rounded up. 240 layers and 5,330,571 parameters with top, 237 and 4,049,571 without. B1 to B7 are the same,
/// wider and deeper, for images of 240, 260, 300, 380, 456, 528 and 600 pixels. As in Keras, .weights = "imagenet" adds
/// a rescaling after the normalization and the path of a file does not: a file of ImageNet's weights is to be found
/// under its own name, in $GRAFT_WEIGHTS or another of the folders. Whole blocks are dropped in training, also while
/// they are frozen, so fit() computes only what lies before them once. Where a frozen trunk need not be random, let its
/// predict() make the features once and fit the head on them. Throws ArgumentError for options that do not go together,
/// FileError if the weights are not there.
template <class Scalar = float>
Model<Scalar> EfficientNetB0(const ApplicationOptions<Scalar>& options = {}) {
  return detail::efficientnet(options, {"efficientnetb0", 1.0, 1.0, 224, 0.2});
}
template <class Scalar = float>
Model<Scalar> EfficientNetB1(const ApplicationOptions<Scalar>& options = {}) {
  return detail::efficientnet(options, {"efficientnetb1", 1.0, 1.1, 240, 0.2});
}
template <class Scalar = float>
Model<Scalar> EfficientNetB2(const ApplicationOptions<Scalar>& options = {}) {
  return detail::efficientnet(options, {"efficientnetb2", 1.1, 1.2, 260, 0.3});
}
template <class Scalar = float>
Model<Scalar> EfficientNetB3(const ApplicationOptions<Scalar>& options = {}) {
  return detail::efficientnet(options, {"efficientnetb3", 1.2, 1.4, 300, 0.3});
}
template <class Scalar = float>
Model<Scalar> EfficientNetB4(const ApplicationOptions<Scalar>& options = {}) {
  return detail::efficientnet(options, {"efficientnetb4", 1.4, 1.8, 380, 0.4});
}
template <class Scalar = float>
Model<Scalar> EfficientNetB5(const ApplicationOptions<Scalar>& options = {}) {
  return detail::efficientnet(options, {"efficientnetb5", 1.6, 2.2, 456, 0.4});
}
template <class Scalar = float>
Model<Scalar> EfficientNetB6(const ApplicationOptions<Scalar>& options = {}) {
  return detail::efficientnet(options, {"efficientnetb6", 1.8, 2.6, 528, 0.5});
}
template <class Scalar = float>
Model<Scalar> EfficientNetB7(const ApplicationOptions<Scalar>& options = {}) {
  return detail::efficientnet(options, {"efficientnetb7", 2.0, 3.1, 600, 0.5});
}

}  // namespace graft::applications
