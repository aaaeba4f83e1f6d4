#pragma once
#include <graft/models/model_config.hpp>
#include <graft/models/sequential.hpp>

namespace graft::saving {

/// The model that a config describes, with fresh weights: Keras 3's schema, and Keras 2's where it differs in
/// inbound_nodes. `factory` makes the layers; nested models are made here. Throws ArgumentError for a class that is not
/// known and for a graph that does not connect.
template <class Scalar>
std::shared_ptr<Model<Scalar>> model_from_json(const Json& json, const LayerFactory<Scalar>& factory);

namespace detail {

inline const Json& member(const Json& json, const char* name, const std::string& who) {
  if (!json.is_object() || !json.contains(name))
    raise<ArgumentError>("Model config: ", who, " has no '", name, "'. Is this a Keras or graft model?");
  return json[name];
}

inline std::string text_member(const Json& json, const char* name, const std::string& who) {
  const Json& value = member(json, name, who);
  if (!value.is_string()) raise<ArgumentError>("Model config: '", name, "' of ", who, " must be a string.");
  return value.get<std::string>();
}

inline const Json& list_member(const Json& json, const char* name, const std::string& who) {
  const Json& value = member(json, name, who);
  if (!value.is_array()) raise<ArgumentError>("Model config: '", name, "' of ", who, " must be a list.");
  return value;
}

/// A layer or nested model from its entry in a config.
template <class Scalar>
LayerRef<Scalar> layer_from_json(const Json& entry, const LayerFactory<Scalar>& factory) {
  const std::string class_name = text_member(entry, "class_name", "a layer");
  const Json& config = member(entry, "config", class_name);
  const std::string name =
      config.contains("name") && config["name"].is_string() ? config["name"].get<std::string>() : class_name;
  if (class_name == "Functional" || class_name == "Model" || class_name == "Sequential")
    return LayerRef<Scalar>(std::shared_ptr<const Layer<Scalar>>(model_from_json(entry, factory)));
  JsonConfigReader reader(config, class_name + " '" + name + "'");
  return factory.make(class_name, name, reader);
}

/// Calls layers as a functional config says, in an order in which every argument exists.
template <class Scalar>
class GraphReader {
 public:
  GraphReader(const Json& config, const LayerFactory<Scalar>& factory)
      : name_(text_member(config, "name", "the model")) {
    for (const Json& entry : list_member(config, "layers", name_)) add(entry, factory);
    while (!pending_.empty()) {
      const std::size_t before = pending_.size();
      std::erase_if(pending_, [&](const Call& call) { return make(call); });
      if (pending_.size() == before)
        raise<ArgumentError>("Model config: the inputs of '", pending_.front().layer, "' in '", name_,
                             "' are made by no layer.");
    }
  }
  SymbolicTensors<Scalar> tensors(const Json& list) const {
    SymbolicTensors<Scalar> found;
    for (const Json& history : as_list(list)) {
      const auto tensor = find(history, true);
      if (!tensor) raise<ArgumentError>("Model config: '", name_, "' has no tensor ", history.dump(), ".");
      found.push_back(*tensor);
    }
    return found;
  }
  /// Flags that differ inside nested models were set while reading; a layer's own are set by its constructor.
  const std::string& name() const { return name_; }

 private:
  struct Call {
    std::string layer;
    std::size_t number;        ///< which call of the layer
    std::vector<Json> inputs;  ///< [layer, call, output]
    std::optional<bool> training;
    bool keras_2 = false;
  };

  // One history, a list of them, or a map of them by name.
  static std::vector<Json> as_list(const Json& json) {
    if (json.is_array() && !json.empty() && json.front().is_string()) return {json};
    std::vector<Json> list;
    for (const Json& item : json) list.push_back(item);
    return list;
  }
  void add(const Json& entry, const LayerFactory<Scalar>& factory) {
    const LayerRef<Scalar> layer = layer_from_json(entry, factory);
    const std::string name = layer.name();
    if (!layers_.emplace(name, layer).second)
      raise<ArgumentError>("Model config: '", name_, "' has two layers called '", name, "'.");
    if (layer.class_name() == "InputLayer") outputs_[name].push_back({layer.output()});
    std::size_t number = 0;
    if (entry.contains("inbound_nodes"))
      for (const Json& node : entry["inbound_nodes"])
        if (!node.empty()) pending_.push_back(read_call(name, number++, node));
  }
  static Call read_call(const std::string& layer, std::size_t number, const Json& node) {
    Call call{layer, number, {}, {}, node.is_array()};
    if (node.is_object()) {
      collect(member(node, "args", layer), call.inputs);
      if (node.contains("kwargs") && node["kwargs"].contains("training") && node["kwargs"]["training"].is_boolean())
        call.training = node["kwargs"]["training"].get<bool>();
    } else {
      for (const Json& input : node) call.inputs.push_back(input);  // Keras 2: [[layer, call, output, kwargs], ..]
    }
    return call;
  }
  static void collect(const Json& json, std::vector<Json>& inputs) {
    if (json.is_array())
      for (const Json& item : json) collect(item, inputs);
    else if (json.is_object() && json.contains("config") && json["config"].contains("keras_history"))
      inputs.push_back(json["config"]["keras_history"]);
  }
  // Where a nested functional model makes an output of this one, Keras counts the graph that it is made of as its first
  // call; Keras 2 does so everywhere.
  std::optional<SymbolicTensor<Scalar>> find(const Json& history, bool counts_own_graph) const {
    if (!history.is_array() || history.size() < 3 || !history[0].is_string() || !history[1].is_number_integer() ||
        !history[2].is_number_integer())
      raise<ArgumentError>("Model config: a tensor of '", name_, "' must be [layer, call, output], got ",
                           history.dump(), ".");
    const auto found = outputs_.find(history[0].template get<std::string>());
    if (found == outputs_.end()) return std::nullopt;
    const auto& calls = found->second;
    auto call = history[1].template get<std::size_t>();
    if (counts_own_graph && call > 0 && layers_.at(found->first).class_name() == "Functional") --call;
    const auto output = history[2].template get<std::size_t>();
    if (call >= calls.size() || output >= calls[call].size()) return std::nullopt;
    return calls[call][output];
  }
  bool make(const Call& call) {
    if (outputs_[call.layer].size() != call.number) return false;
    SymbolicTensors<Scalar> inputs;
    for (const Json& history : call.inputs) {
      const auto tensor = find(history, call.keras_2);
      if (!tensor) return false;
      inputs.push_back(*tensor);
    }
    outputs_[call.layer].push_back(layers_.at(call.layer)->apply(inputs, {.training = call.training}));
    return true;
  }

  std::string name_;
  std::map<std::string, LayerRef<Scalar>> layers_;
  std::map<std::string, std::vector<SymbolicTensors<Scalar>>> outputs_;
  std::vector<Call> pending_;
};

/// The flag of a model alone: those of its layers came with their own configs.
template <class Scalar>
void set_own_flag(const Model<Scalar>& model, const Json& config) {
  if (config.contains("trainable") && config["trainable"].is_boolean())
    model.state()->trainable = config["trainable"].template get<bool>();
}

}  // namespace detail

template <class Scalar>
std::shared_ptr<Model<Scalar>> model_from_json(const Json& json, const LayerFactory<Scalar>& factory) {
  const std::string class_name = detail::text_member(json, "class_name", "the model");
  const Json& config = detail::member(json, "config", class_name);
  std::shared_ptr<Model<Scalar>> model;
  if (class_name == "Sequential") {
    std::vector<LayerRef<Scalar>> layers;
    for (const Json& entry : detail::list_member(config, "layers", class_name))
      layers.push_back(detail::layer_from_json(entry, factory));
    model = std::make_shared<Sequential<Scalar>>(layers,
                                                 ModelOptions{.name = detail::text_member(config, "name", class_name)});
  } else if (class_name == "Functional" || class_name == "Model") {
    const detail::GraphReader<Scalar> graph(config, factory);
    model = std::make_shared<Model<Scalar>>(graph.tensors(detail::member(config, "input_layers", graph.name())),
                                            graph.tensors(detail::member(config, "output_layers", graph.name())),
                                            ModelOptions{.name = graph.name()});
  } else {
    raise<ArgumentError>("Model config: the class ", class_name,
                         " is neither Sequential nor Functional. Subclassed models ",
                         "hold code and cannot be loaded.");
  }
  detail::set_own_flag(*model, config);
  return model;
}

}  // namespace graft::saving
