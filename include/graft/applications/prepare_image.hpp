#pragma once
#include <graft/applications/densenet.hpp>
#include <graft/applications/efficientnet.hpp>
#include <graft/applications/inception_v3.hpp>
#include <graft/applications/mobilenet.hpp>
#include <graft/applications/mobilenet_v2.hpp>
#include <graft/applications/resnet.hpp>
#include <graft/applications/resnet_v2.hpp>
#include <graft/applications/vgg16.hpp>
#include <graft/applications/vgg19.hpp>
#include <graft/applications/xception.hpp>
#include <graft/data/image_reading.hpp>

namespace graft::applications {

/// What every application's weights were trained on.
inline constexpr std::array image_preprocessings{densenet::preprocess_input,     efficientnet::preprocess_input,
                                                 inception_v3::preprocess_input, mobilenet::preprocess_input,
                                                 mobilenet_v2::preprocess_input, resnet::preprocess_input,
                                                 resnet_v2::preprocess_input,    vgg16::preprocess_input,
                                                 vgg19::preprocess_input,        xception::preprocess_input};

}  // namespace graft::applications

namespace graft::utils {

/// A picture from a file as the model's training data was read and transformed: (1, height, width, channels). The model
/// knows how since it was fitted on a folder of images, also after it was saved and loaded. Throws StateError if it
/// does not, FileError if the picture cannot be read.
template <class Scalar>
Tensor<Scalar> prepare_image(const Model<Scalar>& model, const std::filesystem::path& path) {
  std::optional<Tensor<Scalar>> x;
  constexpr auto& known = applications::image_preprocessings;
  for (const std::string& step : model.preprocessing()) {
    const auto preprocess = std::find_if(known.begin(), known.end(), [&](const auto& p) { return p.name() == step; });
    if (const auto reading = data::ImageReading::parse(step)) {
      Tensor<float> image(reading->shape().with_batch(1));
      data::read_resized(path, *reading, {image.data(), reading->shape()});
      x = image.template cast<Scalar>();
    } else if (x && preprocess != known.end()) {
      x = (*preprocess)(*std::move(x));
    } else {
      raise<StateError>("prepare_image: Model '", model.name(), "' was trained on images after '", step,
                        "', which graft does not know. Prepare the tensor yourself and call predict().");
    }
  }
  if (!x)
    raise<StateError>("prepare_image: Model '", model.name(),
                      "' does not know how its images were read. Fit it on "
                      "image_dataset_from_directory(), or prepare the tensor yourself and call predict().");
  return *std::move(x);
}

}  // namespace graft::utils
