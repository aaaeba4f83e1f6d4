#pragma once
#include <graft/applications/decode_predictions.hpp>
#include <graft/applications/preprocessing.hpp>
#include <graft/applications/residual.hpp>

namespace graft::applications {

namespace resnet_v2 {

/// Source: keras/src/applications/resnet_v2.py, mode "tf".
inline constexpr ImagePreprocessing preprocess_input{"resnet_v2.preprocess_input", PreprocessingMode::tf};
using applications::decode_predictions;

}  // namespace resnet_v2

namespace detail {

/// shortcut + 1x1 f, 3x3 f, 1x1 4f of the normalized and activated input: nothing follows the sum. The stride is in the
/// 3x3 convolution; a shortcut without a projection is thinned out by a 1x1 pool.
template <class Scalar>
SymbolicTensor<Scalar> preactivated_block(const SymbolicTensor<Scalar>& x, const std::string& name, Index filters,
                                          Index stride, bool projected) {
  const ConvUnits<Scalar> unit(residual_epsilon);
  const auto active = unit.bn_relu(x, name + "_preact");
  auto shortcut = x;
  if (projected)
    shortcut = unit.conv(active, 4 * filters, 1, name + "_0", {.strides = stride});
  else if (stride > 1)
    shortcut = layers::MaxPooling2D<Scalar>(1, {.strides = Size2D(stride)})(x);
  auto y = unit.conv_bn_relu(active, filters, 1, name + "_1", {.use_bias = false});
  y = layers::ZeroPadding2D<Scalar>(1, {.name = name + "_2_pad"})(y);
  y = unit.conv_bn_relu(y, filters, 3, name + "_2", {.strides = stride, .use_bias = false});
  y = unit.conv(y, 4 * filters, 1, name + "_3");
  return layers::Add<Scalar>({.name = name + "_out"})({shortcut, y});
}

/// The stride is in the last block.
template <class Scalar>
SymbolicTensor<Scalar> preactivated_stack(SymbolicTensor<Scalar> x, const std::string& name, Index filters,
                                          Index blocks, Index stride) {
  for (Index i = 1; i <= blocks; ++i)
    x = preactivated_block(x, name + "_block" + std::to_string(i), filters, i == blocks ? stride : 1, i == 1);
  return x;
}

/// `blocks` of the four stacks.
template <class Scalar>
Model<Scalar> resnet_v2(const ApplicationOptions<Scalar>& options, const std::string& name,
                        const std::array<Index, 4>& blocks) {
  return make_application(options, ApplicationFacts{name, 224, 32}, [&](SymbolicTensor<Scalar> x) {
    x = residual_stem_pool(residual_stem_conv(x));
    x = preactivated_stack(x, "conv2", 64, blocks[0], 2);
    x = preactivated_stack(x, "conv3", 128, blocks[1], 2);
    x = preactivated_stack(x, "conv4", 256, blocks[2], 2);
    x = preactivated_stack(x, "conv5", 512, blocks[3], 1);
    x = ConvUnits<Scalar>(residual_epsilon).bn_relu(x, "post");
    return options.include_top ? average_and_predict(x, options) : pooled(x, options, "avg_pool", "max_pool");
  });
}

}  // namespace detail

/// ResNet50V2: residual blocks that normalize and activate before each convolution (He et al. 2016, arXiv 1603.05027).
/// Input (batch, height, width, 3), prepared by resnet_v2::preprocess_input, at least 32 x 32; output (batch, classes),
/// or without top (batch, height / 32, width / 32, 2048), rounded up. 192 layers and 25,613,800 parameters with top,
/// 190 and 23,564,800 without. Throws ArgumentError for options that do not go together, FileError if the weights are
/// not there.
template <class Scalar = float>
Model<Scalar> ResNet50V2(const ApplicationOptions<Scalar>& options = {}) {
  return detail::resnet_v2(options, "resnet50v2", {3, 4, 6, 3});
}

/// ResNet50V2 with 23 blocks in its third stack.
template <class Scalar = float>
Model<Scalar> ResNet101V2(const ApplicationOptions<Scalar>& options = {}) {
  return detail::resnet_v2(options, "resnet101v2", {3, 4, 23, 3});
}

/// ResNet50V2 with stacks of 3, 8, 36 and 3 blocks.
template <class Scalar = float>
Model<Scalar> ResNet152V2(const ApplicationOptions<Scalar>& options = {}) {
  return detail::resnet_v2(options, "resnet152v2", {3, 8, 36, 3});
}

}  // namespace graft::applications
