#pragma once
#include <graft/models/model_from_config.hpp>
#include <graft/saving/builtin_layers.hpp>

namespace graft::saving {

template <class Scalar = float>
struct LoadModelOptions {
  CustomObjects<Scalar> custom_objects = {};  ///< makers of the classes that graft does not have
  bool check = false;                         ///< compute the file's example and compare
};

namespace detail {

inline Json parse_metadata(const io::TensorFile& file, const std::string& key) {
  const auto found = file.metadata().find(key);
  if (found == file.metadata().end())
    raise<FileError>("'", file.path().string(), "' has no '", key,
                     "' in its metadata: it holds weights without a model. ",
                     "Make the model and call model.load_weights(path).");
  return parse_json(found->second, "'" + file.path().string() + "': '" + key + "' in its metadata");
}

inline std::vector<std::string> list_in_metadata(const io::TensorFile& file, const std::string& key) {
  std::vector<std::string> list;
  if (!file.metadata().contains(key)) return list;
  const Json json = parse_metadata(file, key);
  if (!json.is_array()) raise<FileError>("'", file.path().string(), "': '", key, "' in its metadata must be a list.");
  for (const Json& item : json) {
    if (!item.is_string()) raise<FileError>("'", file.path().string(), "': '", key, "' must hold strings.");
    list.push_back(item.get<std::string>());
  }
  return list;
}

inline Index count_elements(const io::TensorFile& file) {
  Index n = 0;
  for (const auto& tensor : file.tensors()) n += tensor.shape.elements();
  return n;
}

}  // namespace detail

/// The model that model.save() wrote: architecture, weights, trainable flags, class names, preprocessing. It is not
/// compiled. A file can name only known layer classes: it is data, not code. Throws FileError if the file is not what
/// it claims, ArgumentError for a class that is not known.
template <class Scalar = float>
Model<Scalar> load_model(const std::filesystem::path& path, const LoadModelOptions<Scalar>& options = {}) {
  const std::string extension = path.extension().string();
  if (extension == ".keras" || extension == ".h5" || extension == ".hdf5")
    raise<FileError>("'", path.string(),
                     "' is a Keras file: include graft/keras.hpp and call keras::load_model(path).");
  const io::TensorFile file(path);
  LayerFactory<Scalar> factory;
  add_builtin_layers(factory);
  for (const auto& [name, maker] : options.custom_objects) factory.add(name, maker);
  const Json config = detail::parse_metadata(file, "model");
  const WeightBudget budget(detail::count_elements(file));
  const auto model = model_from_json(config, factory);
  load_weights(*model->state(), file);
  model->set_class_names(detail::list_in_metadata(file, "class_names"));
  model->set_preprocessing(detail::list_in_metadata(file, "preprocessing"));
  if (options.check) check_example(*model, file);
  return *model;
}

}  // namespace graft::saving
