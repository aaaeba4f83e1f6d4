#pragma once
#include <graft/applications/decode_predictions.hpp>
#include <graft/applications/preprocessing.hpp>
#include <graft/applications/residual.hpp>

namespace graft::applications {

namespace resnet {

/// Source: keras/src/applications/resnet.py, mode "caffe".
inline constexpr ImagePreprocessing preprocess_input{"resnet.preprocess_input", PreprocessingMode::caffe};
using applications::decode_predictions;

}  // namespace resnet
namespace resnet50 = resnet;

namespace detail {

/// relu(shortcut + 1x1 f, 3x3 f, 1x1 4f): each convolution is normalized, the stride is in the first.
template <class Scalar>
SymbolicTensor<Scalar> residual_block(const SymbolicTensor<Scalar>& x, const std::string& name, Index filters,
                                      Index stride, bool projected) {
  const ConvUnits<Scalar> unit(residual_epsilon);
  const auto shortcut = projected ? unit.conv_bn(x, 4 * filters, 1, name + "_0", {.strides = stride}) : x;
  auto y = unit.conv_bn_relu(x, filters, 1, name + "_1", {.strides = stride});
  y = unit.conv_bn_relu(y, filters, 3, name + "_2", {.padding = "same"});
  y = unit.conv_bn(y, 4 * filters, 1, name + "_3");
  y = layers::Add<Scalar>({.name = name + "_add"})({shortcut, y});
  return layers::Activation<Scalar>("relu", {.name = name + "_out"})(y);
}

template <class Scalar>
SymbolicTensor<Scalar> residual_stack(SymbolicTensor<Scalar> x, const std::string& name, Index filters, Index blocks,
                                      Index stride) {
  for (Index i = 1; i <= blocks; ++i)
    x = residual_block(x, name + "_block" + std::to_string(i), filters, i == 1 ? stride : 1, i == 1);
  return x;
}

/// `blocks` of the four stacks.
template <class Scalar>
Model<Scalar> resnet(const ApplicationOptions<Scalar>& options, const std::string& name,
                     const std::array<Index, 4>& blocks) {
  return make_application(options, ApplicationFacts{name, 224, 32}, [&](SymbolicTensor<Scalar> x) {
    const ConvUnits<Scalar> unit(residual_epsilon);
    x = unit.relu(unit.bn(residual_stem_conv(x), "conv1"), "conv1");
    x = residual_stem_pool(x);
    x = residual_stack(x, "conv2", 64, blocks[0], 1);
    x = residual_stack(x, "conv3", 128, blocks[1], 2);
    x = residual_stack(x, "conv4", 256, blocks[2], 2);
    x = residual_stack(x, "conv5", 512, blocks[3], 2);
    return options.include_top ? average_and_predict(x, options) : pooled(x, options, "avg_pool", "max_pool");
  });
}

}  // namespace detail

/// ResNet50: 50 layers of weights in residual blocks (He et al. 2015, arXiv 1512.03385). Input (batch, height, width,
/// 3), prepared by resnet::preprocess_input, at least 32 x 32; output (batch, classes), or without top (batch, height /
/// 32, width / 32, 2048), rounded up. 177 layers and 25,636,712 parameters with top, 175 and 23,587,712 without.
/// Throws ArgumentError for options that do not go together, FileError if the weights are not there.
template <class Scalar = float>
Model<Scalar> ResNet50(const ApplicationOptions<Scalar>& options = {}) {
  return detail::resnet(options, "resnet50", {3, 4, 6, 3});
}

/// ResNet50 with 23 blocks in its third stack: 347 layers and 44,707,176 parameters with top, 345 and 42,658,176
/// without.
template <class Scalar = float>
Model<Scalar> ResNet101(const ApplicationOptions<Scalar>& options = {}) {
  return detail::resnet(options, "resnet101", {3, 4, 23, 3});
}

/// ResNet50 with stacks of 3, 8, 36 and 3 blocks: 517 layers and 60,419,944 parameters with top, 515 and 58,370,944
/// without.
template <class Scalar = float>
Model<Scalar> ResNet152(const ApplicationOptions<Scalar>& options = {}) {
  return detail::resnet(options, "resnet152", {3, 8, 36, 3});
}

}  // namespace graft::applications
