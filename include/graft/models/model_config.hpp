#pragma once
#include <graft/models/graph.hpp>
#include <graft/saving/json_config.hpp>
#include <graft/saving/layer_factory.hpp>
#include <unordered_set>

/// A model's architecture as JSON in the schema of Keras 3's config.json. Source: keras/src/models/functional.py and
/// keras/src/saving/serialization_lib.py.
namespace graft::saving {

template <class Scalar>
Json model_to_json(const Model<Scalar>& model);

/// {"module", "class_name", "config", "registered_name", "name"} of a layer or a nested model.
template <class Scalar>
Json layer_to_json(const Layer<Scalar>& layer) {
  if (const auto* model = dynamic_cast<const Model<Scalar>*>(&layer)) {
    Json json = model_to_json(*model);
    json["name"] = layer.name();
    return json;
  }
  Json config;
  JsonConfigWriter writer(config);
  layer.config(writer);
  if (!config.contains("name")) {
    config["name"] = layer.name();
    config["trainable"] = layer.enabled();
  }
  return {{"module", "keras.layers"},
          {"class_name", layer.class_name()},
          {"config", std::move(config)},
          {"registered_name", nullptr},
          {"name", layer.name()}};
}

/// Numbers the calls of every layer inside one graph in the order they were made, as Keras's keras_history does.
template <class Scalar>
class NodeNumbers {
 public:
  explicit NodeNumbers(const ModelGraph<Scalar>& graph) {
    std::unordered_set<const Node<Scalar>*> inside;
    for (const auto& node : graph.nodes) inside.insert(node.get());
    for (const auto& layer : graph.layers)
      for (const auto& made : layer->state()->nodes) {
        const auto node = made.lock();
        if (!node || !inside.contains(node.get())) continue;
        auto& calls = calls_[layer->id()];
        number_[node.get()] = static_cast<Index>(calls.size());
        calls.push_back(node.get());
      }
  }
  const std::vector<const Node<Scalar>*>& calls(const Layer<Scalar>& layer) const {
    static const std::vector<const Node<Scalar>*> none;
    const auto found = calls_.find(layer.id());
    return found == calls_.end() ? none : found->second;
  }
  /// ["dense", 0, 0]: layer, call, output.
  Json history(const SymbolicTensor<Scalar>& tensor) const {
    return {tensor.node()->operation->name(), number_.at(tensor.node().get()), tensor.index()};
  }

 private:
  std::unordered_map<const void*, std::vector<const Node<Scalar>*>> calls_;
  std::unordered_map<const Node<Scalar>*, Index> number_;
};

namespace detail {

template <class Scalar>
Json call_to_json(const Node<Scalar>& node, const NodeNumbers<Scalar>& numbers) {
  Json tensors = Json::array();
  for (const auto& input : node.inputs) {
    Json shape = Json::array();
    for (const Index axis : input.shape()) shape.push_back(axis == None ? Json(nullptr) : Json(axis));
    Json config{{"shape", shape}, {"dtype", "float32"}, {"keras_history", numbers.history(input)}};
    tensors.push_back(Json{{"class_name", "__keras_tensor__"}, {"config", std::move(config)}});
  }
  Json kwargs = Json::object();
  if (node.training) kwargs["training"] = *node.training;
  Json args = Json::array();
  args.push_back(tensors.size() == 1 ? tensors.front() : tensors);
  return Json{{"args", std::move(args)}, {"kwargs", std::move(kwargs)}};
}

// Where a nested functional model makes an output, Keras counts the graph that it is made of as its first call.
template <class Scalar>
Json end_to_json(const SymbolicTensor<Scalar>& tensor, const NodeNumbers<Scalar>& numbers) {
  Json history = numbers.history(tensor);
  const auto* model = dynamic_cast<const Model<Scalar>*>(tensor.node()->operation.get());
  if (model != nullptr && model->class_name() == "Functional") history[1] = history[1].template get<Index>() + 1;
  return history;
}

template <class Scalar>
Json tensors_to_json(const SymbolicTensors<Scalar>& tensors, const NodeNumbers<Scalar>& numbers) {
  if (tensors.size() == 1) return end_to_json(tensors.front(), numbers);
  Json list = Json::array();
  for (const auto& tensor : tensors) list.push_back(end_to_json(tensor, numbers));
  return list;
}

template <class Scalar>
Json functional_config(const Model<Scalar>& model) {
  const ModelGraph<Scalar>& graph = model.graph();
  const NodeNumbers<Scalar> numbers(graph);
  Json layers = Json::array();
  for (const auto& layer : graph.layers) {
    Json entry = layer_to_json(*layer);
    entry["inbound_nodes"] = Json::array();
    for (const auto* node : numbers.calls(*layer))
      if (!node->inputs.empty()) entry["inbound_nodes"].push_back(call_to_json(*node, numbers));
    layers.push_back(std::move(entry));
  }
  return {{"name", model.name()},
          {"trainable", model.enabled()},
          {"layers", std::move(layers)},
          {"input_layers", tensors_to_json(graph.inputs, numbers)},
          {"output_layers", tensors_to_json(graph.outputs, numbers)}};
}

template <class Scalar>
Json sequential_config(const Model<Scalar>& model) {
  Json layers = Json::array();
  const auto& inputs = model.graph().inputs;
  layers.push_back(layer_to_json(dynamic_cast<const Layer<Scalar>&>(*inputs.front().node()->operation)));
  for (const auto& layer : model.graph().layers) layers.push_back(layer_to_json(*layer));
  return {{"name", model.name()}, {"trainable", model.enabled()}, {"layers", std::move(layers)}};
}

}  // namespace detail

/// {"module": "keras", "class_name": "Functional" | "Sequential", "config": {..}, "registered_name": null}
template <class Scalar>
Json model_to_json(const Model<Scalar>& model) {
  const bool sequential = model.class_name() == "Sequential";
  return {{"module", "keras"},
          {"class_name", model.class_name()},
          {"config", sequential ? detail::sequential_config(model) : detail::functional_config(model)},
          {"registered_name", model.class_name()}};
}

}  // namespace graft::saving
