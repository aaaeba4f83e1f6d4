#pragma once
#include <graft/applications/decode_predictions.hpp>
#include <graft/applications/preprocessing.hpp>
#include <graft/applications/vgg.hpp>

namespace graft::applications {

namespace vgg16 {

/// Source: keras/src/applications/vgg16.py, mode "caffe".
inline constexpr ImagePreprocessing preprocess_input{"vgg16.preprocess_input", PreprocessingMode::caffe};
using applications::decode_predictions;

}  // namespace vgg16

/// VGG16: 13 convolutions in 5 blocks, 3 dense layers on top (Simonyan and Zisserman 2014, arXiv 1409.1556). Input
/// (batch, height, width, 3), prepared by vgg16::preprocess_input, at least 32 x 32; output (batch, classes), or
/// without top (batch, height / 32, width / 32, 512). 23 layers and 138,357,544 parameters with top, 19 and 14,714,688
/// without. Throws ArgumentError for options that do not go together, FileError if the weights are not there.
template <class Scalar = float>
Model<Scalar> VGG16(const ApplicationOptions<Scalar>& options = {}) {
  return detail::vgg(options, {"vgg16", 224, 32}, {2, 2, 3, 3, 3});
}

}  // namespace graft::applications
