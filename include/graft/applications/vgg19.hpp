#pragma once
#include <graft/applications/decode_predictions.hpp>
#include <graft/applications/preprocessing.hpp>
#include <graft/applications/vgg.hpp>

namespace graft::applications {

namespace vgg19 {

/// Source: keras/src/applications/vgg19.py, mode "caffe".
inline constexpr ImagePreprocessing preprocess_input{"vgg19.preprocess_input", PreprocessingMode::caffe};
using applications::decode_predictions;

}  // namespace vgg19

/// VGG19: 16 convolutions in 5 blocks, 3 dense layers on top (Simonyan and Zisserman 2014, arXiv 1409.1556). Input
/// (batch, height, width, 3), prepared by vgg19::preprocess_input, at least 32 x 32; output (batch, classes), or
/// without top (batch, height / 32, width / 32, 512). 26 layers and 143,667,240 parameters with top, 22 and 20,024,384
/// without. Throws ArgumentError for options that do not go together, FileError if the weights are not there.
template <class Scalar = float>
Model<Scalar> VGG19(const ApplicationOptions<Scalar>& options = {}) {
  return detail::vgg(options, {"vgg19", 224, 32}, {2, 2, 4, 4, 4});
}

}  // namespace graft::applications
