#pragma once
#include <algorithm>
#include <graft/models/model_from_config.hpp>

/// Keras's model configs as graft reads them: differences of older versions are evened out, and what graft would
/// compute differently is refused.
namespace graft::keras {

using saving::Json;

namespace detail {

inline std::string config_name(const Json& entry) {
  if (entry.contains("config") && entry["config"].is_object() && entry["config"].contains("name") &&
      entry["config"]["name"].is_string())
    return entry["config"]["name"].get<std::string>();
  return entry.contains("class_name") && entry["class_name"].is_string() ? entry["class_name"].get<std::string>() : "?";
}

inline bool is_text(const Json& json, const char* key) {
  return json.is_object() && json.contains(key) && json[key].is_string();
}

/// Throws ArgumentError unless the class is one of Keras's own layers or models, or one that the caller makes.
inline void require_known_origin(const Json& entry, const std::set<std::string>& custom) {
  const std::string class_name = is_text(entry, "class_name") ? entry["class_name"].get<std::string>() : "?";
  if (class_name == "Lambda" || class_name == "TFOpLambda" || class_name == "SlicingOpLambda")
    raise<ArgumentError>("Layer '", config_name(entry), "' is a ", class_name,
                         ": it holds Python code, which graft does not run. ",
                         "Replace it by a layer of Keras before saving.");
  const std::string module = is_text(entry, "module") ? entry["module"].get<std::string>() : "keras";
  const std::string registered = is_text(entry, "registered_name") ? entry["registered_name"].get<std::string>() : "";
  const bool own = module == "keras" || module.starts_with("keras.") || module.starts_with("tf_keras.");
  if ((!own || registered.find('>') != std::string::npos) && !custom.contains(class_name))
    raise<ArgumentError>("Layer '", config_name(entry), "' is of the class ", class_name, " from '",
                         registered.empty() ? module : registered,
                         "', which is not Keras's own. Give load_model a maker for it: ", ".custom_objects = {{\"",
                         class_name, "\", ...}}.");
  const bool op = module.starts_with("keras.src.ops") || module.starts_with("keras.ops");
  if (op && class_name != "Add" && !custom.contains(class_name))
    raise<ArgumentError>("'", config_name(entry), "' is the operation ", module, ".", class_name,
                         ", not a layer. Write it as a layer (such as layers.Multiply) before saving.");
}

/// Throws ArgumentError if an argument of a call is a number, text or tensor that graft's layers do not take.
inline void require_tensors(const Json& argument, const std::string& layer) {
  if (argument.is_null()) return;
  if (argument.is_array()) {
    for (const Json& item : argument) require_tensors(item, layer);
    return;
  }
  if (is_text(argument, "class_name") && argument["class_name"] == "__keras_tensor__") return;
  std::string shown = argument.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (shown.size() > 60) shown.replace(60, std::string::npos, "...");
  raise<ArgumentError>("Layer '", layer, "' is called with ", shown, "; graft's layers take tensors only.");
}

/// null, or a list of nothing else: the mask of a model with several inputs.
inline bool is_none(const Json& value) {
  return value.is_null() || (value.is_array() && std::all_of(value.begin(), value.end(), is_none));
}

inline void check_call(const Json& node, const std::string& layer) {
  if (!node.is_object()) return;  // Keras 2's form names tensors only
  if (node.contains("args")) require_tensors(node["args"], layer);
  if (!node.contains("kwargs") || !node["kwargs"].is_object()) return;
  for (const auto& [key, value] : node["kwargs"].items())
    if (key != "training" && !is_none(value))
      raise<ArgumentError>("Layer '", layer, "' is called with ", key,
                           " = ..; graft's layers take tensors by position and `training`.");
}

inline void rename(Json& config, const char* from, const char* to) {
  if (!config.contains(from)) return;
  Json value = config[from];  // a new key may move the others
  if (!config.contains(to)) config[to] = std::move(value);
  config.erase(from);
}

/// Keras 2's Sequential begins with the input shape in its first layer, a Keras 3 one may have it beside the layers.
inline void add_input_layer(Json& config, const Json& layers) {
  const Json* shape = nullptr;
  if (!layers.empty() && is_text(layers.front(), "class_name") && layers.front()["class_name"] == "InputLayer") return;
  if (!layers.empty() && layers.front().contains("config") && layers.front()["config"].is_object())
    for (const char* key : {"batch_input_shape", "batch_shape"})
      if (layers.front()["config"].contains(key)) shape = &layers.front()["config"][key];
  if (shape == nullptr && config.contains("build_input_shape")) shape = &config["build_input_shape"];
  if (shape == nullptr || !shape->is_array())
    raise<ArgumentError>(
        "Model config: the Sequential '", config_name(Json{{"config", config}}),
        "' has no input shape. Save it after it was built: call it once, or begin it with keras.Input.");
  Json input{{"class_name", "InputLayer"},
             {"config", {{"batch_shape", *shape}, {"name", config_name(Json{{"config", config}}) + "_input"}}}};
  Json all = Json::array();
  all.push_back(std::move(input));
  for (const Json& layer : layers) all.push_back(layer);
  config["layers"] = std::move(all);
}

}  // namespace detail

/// Evens out a layer's or model's entry and all below it. `custom` are the classes that the caller makes. Throws
/// ArgumentError for what graft does not have: code, operations that are not layers, classes that are not Keras's.
inline void normalize_config(Json& entry, const std::set<std::string>& custom) {
  if (!detail::is_text(entry, "class_name") || !entry.contains("config")) return;  // the reader says what is missing
  detail::require_known_origin(entry, custom);
  const std::string class_name = entry["class_name"].get<std::string>();
  Json& config = entry["config"];
  if (class_name == "Sequential" && config.is_array())
    config = Json{{"name", "sequential"}, {"layers", config}};  // Keras 1
  if (!config.is_object()) return;
  if (detail::is_text(config, "activation") && config["activation"] == "<lambda>")
    raise<ArgumentError>("Layer '", detail::config_name(entry),
                         "' has a Python function as its activation, which graft ",
                         "does not run. Name one of Keras's activations before saving.");
  if (class_name == "InputLayer") detail::rename(config, "batch_input_shape", "batch_shape");
  if (class_name == "LeakyReLU") detail::rename(config, "alpha", "negative_slope");  // Keras 2
  const bool model = class_name == "Sequential" || class_name == "Functional" || class_name == "Model";
  if (!model || !config.contains("layers") || !config["layers"].is_array()) return;
  if (class_name == "Sequential") detail::add_input_layer(config, Json(config["layers"]));
  for (Json& layer : config["layers"]) {
    if (layer.is_object() && layer.contains("inbound_nodes") && layer["inbound_nodes"].is_array())
      for (const Json& node : layer["inbound_nodes"]) detail::check_call(node, detail::config_name(layer));
    normalize_config(layer, custom);
  }
}

namespace detail {

/// True for a field that graft's layer may lack: it says nothing, or what graft does anyway. An initializer fills
/// weights that the file then overwrites; TensorFlow's Keras 2 gives depthwise layers one that they do not use.
inline bool says_nothing(const std::string& key, const Json& value) {
  static const std::set<std::string> harmless{
      "dtype",           "name",         "trainable",         "autocast",          "seed",         "data_format",
      "renorm_momentum", "ragged",       "batch_shape",       "batch_input_shape", "input_length", "registered_name",
      "fill_value",      "synchronized", "build_input_shape", "shared_object_id"};
  if (key == "data_format") return value.is_null() || value == "channels_last";
  if (key == "groups" || key == "dilation_rate") return value == 1 || value == Json{1, 1} || value == Json{1};
  return harmless.contains(key) || key.ends_with("_initializer") || value.is_null() || value == false ||
         (value.is_structured() && value.empty());
}

}  // namespace detail

/// Compares what a file says of the layers with what graft made of it. Throws ArgumentError for a field that graft does
/// not have: it would compute something else.
inline void check_fields(const Json& file, const Json& made) {
  if (!file.is_object() || !file.contains("layers")) return;
  std::map<std::string, const Json*> by_name;
  for (const Json& layer : made.at("layers")) by_name[detail::config_name(layer)] = &layer;
  for (const Json& layer : file["layers"]) {
    const auto found = by_name.find(detail::config_name(layer));
    if (found == by_name.end()) continue;
    const Json& own = found->second->at("config");
    if (own.contains("layers")) {
      check_fields(layer["config"], own);
      continue;
    }
    for (const auto& [key, value] : layer["config"].items())
      if (!own.contains(key) && !detail::says_nothing(key, value))
        raise<ArgumentError>("Layer '", detail::config_name(layer), "' has ", key, " = ",
                             value.dump(-1, ' ', false, Json::error_handler_t::replace), ", which graft's ",
                             found->second->at("class_name").get<std::string>(), " does not have.");
  }
}

}  // namespace graft::keras
