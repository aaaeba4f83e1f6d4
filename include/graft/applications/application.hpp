#pragma once
#include <graft/applications/application_options.hpp>
#include <graft/applications/weight_files.hpp>
#include <graft/layers/input_layer.hpp>

namespace graft::applications {

namespace detail {

/// The model's weights under the names that they have in a process of their own. A second InceptionV3 in one process
/// counts on from conv2d_94, while its file begins with conv2d.
template <class Scalar>
std::shared_ptr<LayerState<Scalar>> with_first_names(const Model<Scalar>& model) {
  std::map<std::string, long> first;
  const auto number = [](const std::string& name, const std::string& base) -> std::optional<long> {
    if (name == base) return 0;
    const bool counted = name.starts_with(base + "_") && name.size() > base.size() + 1 &&
                         std::all_of(name.begin() + static_cast<std::ptrdiff_t>(base.size()) + 1, name.end(),
                                     [](unsigned char c) { return std::isdigit(c) != 0; });
    return counted ? std::optional(std::stol(name.substr(base.size() + 1))) : std::nullopt;
  };
  for (const auto& layer : model.layers()) {
    const std::string base = to_snake_case(layer.class_name());
    if (const auto n = number(layer.name(), base)) first[base] = std::min(first.emplace(base, *n).first->second, *n);
  }
  const auto copy = [](const LayerState<Scalar>& from) {
    auto to = std::make_shared<LayerState<Scalar>>();
    to->name = from.name;
    to->weights = from.weights;
    return to;
  };
  const auto state = copy(*model.state());
  for (const auto& layer : model.layers()) {
    const auto child = copy(*layer->state());
    const std::string base = to_snake_case(layer.class_name());
    if (const auto n = number(child->name, base))
      child->name = *n == first[base] ? base : base + "_" + std::to_string(*n - first[base]);
    state->children.push_back(child);
  }
  return state;
}

/// How to come by the file of an application's ImageNet weights.
inline std::string weights_remedy(const ApplicationFacts& facts, bool include_top) {
  return "In graft's source folder run\n  python3 weights/convert.py " + facts.name +
         (include_top ? " --include-top" : "") +
         " --output ~/.cache/graft\nIt downloads Keras's file, checks it and converts it; without a network it says "
         "what to "
         "do. Or give the path of a file as .weights.";
}

/// Loads what .weights names; nothing for random weights.
template <class Scalar>
void load_application_weights(const Model<Scalar>& model, const ApplicationOptions<Scalar>& o,
                              const ApplicationFacts& facts) {
  if (!o.weights) return;
  std::filesystem::path path = *o.weights;
  if (*o.weights == "imagenet") {
    const std::string file = facts.name + (o.include_top ? "_imagenet.safetensors" : "_imagenet_notop.safetensors");
    path = find_weights(file, weights_remedy(facts, o.include_top));
  }
  if (path.extension() != ".safetensors") {
    model.load_weights(path);  // says what else the extension needs
    return;
  }
  saving::load_weights(*with_first_names(model), io::TensorFile(path));
}

template <class Scalar>
void require_weights_exist(const ApplicationOptions<Scalar>& o, const ApplicationFacts& facts) {
  std::error_code error;
  if (o.weights && *o.weights != "imagenet" && !std::filesystem::exists(*o.weights, error))
    raise<ArgumentError>(facts.name, ": weights must be \"imagenet\", a file or std::nullopt; there is no file '",
                         *o.weights, "'.");
}

/// The inputs that a tensor is computed from, each once: what a model with .input_tensor starts at.
template <class Scalar>
SymbolicTensors<Scalar> source_inputs(const SymbolicTensor<Scalar>& tensor) {
  SymbolicTensors<Scalar> inputs;
  for (const auto& node : GraphWalk<Scalar>().order({tensor}).nodes)
    if (node->inputs.empty()) inputs.emplace_back(node, 0);
  return inputs;
}

}  // namespace detail

/// The model of an architecture, a function from the input tensor to the output tensor: checks the options, makes the
/// input and the layers, loads the weights. While weights are to be loaded no random ones are drawn: the file has all.
/// Throws ArgumentError for options that do not go together, FileError if the weights are not there or do not fit.
template <class Scalar, class Architecture>
Model<Scalar> make_application(const ApplicationOptions<Scalar>& options, const ApplicationFacts& facts,
                               const Architecture& architecture) {
  detail::require_weights_exist(options, facts);
  const Shape shape = application_input_shape(options, facts);
  std::optional<WeightBudget> zeros;
  if (options.weights) zeros.emplace(std::numeric_limits<Index>::max());
  const auto input = options.input_tensor ? *options.input_tensor : Input<Scalar>(shape);
  const Model<Scalar> model(detail::source_inputs(input), {architecture(input)},
                            {.name = options.name.empty() ? facts.name : options.name});
  detail::load_application_weights(model, options, facts);
  return model;
}

}  // namespace graft::applications
