#pragma once
#include <ctime>
#include <graft/io/zip.hpp>
#include <graft/keras/compile_config.hpp>
#include <graft/keras/optimizer_state.hpp>
#include <graft/keras/weights.hpp>

namespace graft::keras {

namespace detail {

/// "2026-01-31@23:59:59", as Keras writes it.
inline std::string date_now() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  localtime_r(&now, &parts);
  char text[32];
  return std::string(text, std::strftime(text, sizeof text, "%Y-%m-%d@%H:%M:%S", &parts));
}

template <class Scalar>
void save_archive(const Model<Scalar>& model, const std::filesystem::path& path) {
  Json config = keras_model_config(model);
  io::Hdf5Writer weights;
  add_weights_h5(weights, model);
  if (model.trainer().is_compiled()) {
    config["compile_config"] = write_compile_config(model);
    weights.group("optimizer/vars");
    weights.text("optimizer/vars", "name", model.optimizer().name());
    add_optimizer_state(weights, model, "optimizer/vars/", true);
  }
  const auto bytes = weights.bytes();
  io::ZipWriter archive;
  archive.add("metadata.json", Json{{"keras_version", version}, {"date_saved", date_now()}}.dump());
  archive.add("config.json", config.dump());
  archive.add("model.weights.h5", std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
  archive.save(path);
}

template <class Scalar>
void save_whole_h5(const Model<Scalar>& model, const std::filesystem::path& path) {
  io::Hdf5Writer writer;
  writer.text("", "backend", "tensorflow");
  writer.text("", "keras_version", version);
  writer.text("", "model_config", keras_model_config(model).dump());
  add_legacy_weights(writer, model, "model_weights", version);
  if (model.trainer().is_compiled()) {
    Json training = write_compile_config(model);
    training["optimizer_config"] =
        Json{{"class_name", training["optimizer"]["class_name"]}, {"config", training["optimizer"]["config"]}};
    training.erase("optimizer");
    writer.text("", "training_config", training.dump());
    writer.group("optimizer_weights");
    writer.texts("optimizer_weights", "weight_names", add_optimizer_state(writer, model, "optimizer_weights/", false));
  }
  writer.save(path);
}

}  // namespace detail

/// Writes the model so that keras.models.load_model(path) opens it: a .keras, or an .h5 that holds a whole model.
/// Architecture, weights, flags and, of a compiled model, optimizer, loss, metrics and the optimizer's state. The old
/// file stays until the new one is whole. Throws FileError if it cannot be written, ArgumentError for another ending
/// and for a layer class of the user's own.
template <class Scalar>
void save_model(const Model<Scalar>& model, const std::filesystem::path& path) {
  model.graph();
  switch (detail::format_of(path, "save_model")) {
    case detail::Format::archive:
      return detail::save_archive(model, path);
    case detail::Format::weights_h5:
      raise<ArgumentError>("save_model: '", path.string(),
                           "' is the name of a file of weights. Call keras::save_weights(model, path).");
    case detail::Format::legacy_h5:
      return detail::save_whole_h5(model, path);
  }
}

}  // namespace graft::keras
