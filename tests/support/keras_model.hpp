#pragma once
#include <graft/models/load_model.hpp>
#include <string>

// Models from the configs that Keras's to_json() wrote into tests/golden.

template <class S>
std::shared_ptr<graft::Model<S>> keras_model(const graft::saving::Json& config) {
  graft::saving::LayerFactory<S> factory;
  graft::saving::add_builtin_layers(factory);
  return graft::saving::model_from_json<S>(config, factory);
}

/// The layer at "trunk/bn".
template <class S>
graft::LayerRef<S> layer_at(const graft::Model<S>& model, const std::string& path) {
  const auto slash = path.find('/');
  if (slash == std::string::npos) return model.layer(path);
  return layer_at<S>(dynamic_cast<const graft::Model<S>&>(*model.layer(path.substr(0, slash))), path.substr(slash + 1));
}

/// Sets flags in the order of the map: {"trunk": true, "trunk/bn": false}.
template <class S>
void set_trainable(const graft::Model<S>& model, const graft::saving::Json& flags) {
  for (const auto& [path, on] : flags.items()) layer_at<S>(model, path).trainable = on.template get<bool>();
}
