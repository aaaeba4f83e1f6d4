#pragma once
#include <graft/models/model_config.hpp>
#include <graft/saving/builtin_layers.hpp>

/// Model configs as Keras writes them.
namespace graft::keras {

using saving::Json;

namespace detail {

/// Where Keras keeps the class that a field's object is of.
inline const char* module_of(const std::string& field) {
  if (field.ends_with("initializer")) return "keras.initializers";
  if (field.ends_with("regularizer")) return "keras.regularizers";
  if (field.ends_with("constraint")) return "keras.constraints";
  if (field == "learning_rate") return "keras.optimizers.schedules";
  if (field == "optimizer") return "keras.optimizers";
  if (field == "loss") return "keras.losses";
  if (field == "metrics" || field == "weighted_metrics") return "keras.metrics";
  return "keras.layers";
}

}  // namespace detail

/// Fills in the "module" of every object, by which Keras finds its class.
inline void add_modules(Json& json, const std::string& field = {}) {
  if (json.is_array())
    for (Json& item : json) add_modules(item, field);
  if (!json.is_object()) return;
  if (json.contains("class_name") && json.contains("module") && json["module"].is_null())
    json["module"] = detail::module_of(field);
  for (const auto& [key, value] : json.items()) add_modules(value, key);
}

namespace detail {

template <class Scalar>
void require_keras_layers(const Model<Scalar>& model, const saving::LayerFactory<Scalar>& factory) {
  for (const auto& layer : model.layers()) {
    if (const auto* nested = dynamic_cast<const Model<Scalar>*>(&*layer))
      require_keras_layers(*nested, factory);
    else if (!factory.knows(layer.class_name()))
      raise<ArgumentError>("Layer '", layer.name(), "' is of the class ", layer.class_name(),
                           ", which Keras does not have. model.save(path) keeps it in a .safetensors file.");
  }
}

/// Adds what only Keras's files have: the type that layers compute in, and where Keras keeps the classes of models.
template <class Scalar>
void finish_entry(Json& entry) {
  Json& config = entry["config"];
  const bool functional = entry["class_name"] == "Functional";
  if (!functional) config["dtype"] = sizeof(Scalar) == sizeof(float) ? "float32" : "float64";
  if (!config.contains("layers")) return;
  entry["module"] = functional ? "keras.src.models.functional" : "keras";
  entry["registered_name"] = functional ? Json("Functional") : Json();
  for (Json& layer : config["layers"]) finish_entry<Scalar>(layer);
}

}  // namespace detail

/// {"module", "class_name", "config", "registered_name"} of a model. Throws ArgumentError for a layer of the user's
/// own.
template <class Scalar>
Json keras_model_config(const Model<Scalar>& model) {
  saving::LayerFactory<Scalar> factory;
  saving::add_builtin_layers(factory);
  detail::require_keras_layers(model, factory);
  Json config = saving::model_to_json(model);
  detail::finish_entry<Scalar>(config);
  add_modules(config);
  return config;
}

}  // namespace graft::keras
