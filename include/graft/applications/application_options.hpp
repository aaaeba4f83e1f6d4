#pragma once
#include <graft/activations/activation.hpp>
#include <graft/models/model.hpp>

namespace graft::applications {

/// Arguments of every application: Keras's names, order and defaults, `weights` first.
template <class Scalar = float>
struct ApplicationOptions {
  std::optional<std::string> weights = "imagenet";  ///< "imagenet", a path, or std::nullopt for random ones
  bool include_top = true;
  std::optional<SymbolicTensor<Scalar>> input_tensor = {};
  std::optional<Shape> input_shape = {};                ///< (height, width, channels)
  std::optional<std::string> pooling = {};              ///< without top: "avg", "max"; nothing keeps the 4-D output
  Index classes = 1000;                                 ///< with top
  graft::Activation classifier_activation = "softmax";  ///< with top; "linear" gives logits
  std::string name = {};                                ///< empty: the application's own
};

/// What is fixed for one application.
struct ApplicationFacts {
  std::string name;  ///< of the model and of its files: "vgg16"
  Index default_size, min_size;
};

namespace detail {

template <class Scalar>
void check_size(const Shape& shape, const ApplicationOptions<Scalar>& o, const ApplicationFacts& facts) {
  const bool imagenet = o.weights == "imagenet";
  if (shape.rank() != 3)
    raise<ArgumentError>(facts.name, ": input_shape must be (height, width, channels), got ", shape, ".");
  if (imagenet && shape[2] != 3)
    raise<ArgumentError>(facts.name, ": weights = \"imagenet\" needs 3 channels, got input_shape = ", shape,
                         ". Use .weights = std::nullopt.");
  for (const Index side : {shape[0], shape[1]})
    if (side != None && side < facts.min_size)
      raise<ArgumentError>(facts.name, ": the input must be at least ", facts.min_size, "x", facts.min_size,
                           ", got input_shape = ", shape, ".");
  if (o.include_top && !shape.is_known())
    raise<ArgumentError>(facts.name, ": include_top needs a full input_shape, got ", shape, ".");
}

}  // namespace detail

/// The input shape that the options mean. Throws ArgumentError for what does not go together. Source:
/// obtain_input_shape in keras/src/applications/imagenet_utils.py.
template <class Scalar>
Shape application_input_shape(const ApplicationOptions<Scalar>& o, const ApplicationFacts& facts) {
  const bool imagenet = o.weights == "imagenet";
  const Shape standard{facts.default_size, facts.default_size, 3};
  if (imagenet && o.include_top && o.classes != 1000)
    raise<ArgumentError>(facts.name,
                         ": weights = \"imagenet\" with include_top has 1000 classes, got classes = ", o.classes,
                         ". Use .include_top = false and a head of your own.");
  if (o.include_top && o.weights && o.classifier_activation.name() != "softmax" &&
      o.classifier_activation.name() != "linear")
    raise<ArgumentError>(facts.name,
                         ": pretrained weights with include_top need classifier_activation \"softmax\" or "
                         "\"linear\", got \"",
                         o.classifier_activation.name(), "\".");
  if (o.pooling && *o.pooling != "avg" && *o.pooling != "max")
    raise<ArgumentError>(facts.name, ": pooling must be \"avg\" or \"max\", got \"", *o.pooling, "\".");
  if (imagenet && o.include_top && o.input_shape && *o.input_shape != standard)
    raise<ArgumentError>(facts.name, ": weights = \"imagenet\" with include_top needs input_shape = ", standard,
                         ", got ", *o.input_shape, ". Use .include_top = false for another size.");
  Shape shape = o.input_shape ? *o.input_shape : o.include_top ? standard : Shape{None, None, 3};
  if (o.input_tensor) shape = o.input_tensor->shape().without_batch();
  detail::check_size(shape, o, facts);
  return shape;
}

}  // namespace graft::applications
