#pragma once
#include <graft/io/zip.hpp>
#include <graft/keras/compile_config.hpp>
#include <graft/keras/optimizer_state.hpp>
#include <graft/keras/read_config.hpp>
#include <graft/keras/weights.hpp>
#include <graft/saving/builtin_layers.hpp>

namespace graft::keras {

template <class Scalar = float>
struct LoadModelOptions {
  saving::CustomObjects<Scalar> custom_objects = {};  ///< makers of the classes that graft does not have
  bool compile = true;                                ///< compile as the file says, with the optimizer's state
};

namespace detail {

/// The model of a config, with weights of zeros: together not more numbers than the file has bytes.
template <class Scalar>
std::shared_ptr<Model<Scalar>> make_model(Json config, std::uint64_t bytes, const LoadModelOptions<Scalar>& options) {
  saving::LayerFactory<Scalar> factory;
  saving::add_builtin_layers(factory);
  std::set<std::string> custom;
  for (const auto& [name, maker] : options.custom_objects) {
    factory.add(name, maker);
    custom.insert(name);
  }
  normalize_config(config, custom);
  const WeightBudget budget(static_cast<Index>(bytes));
  auto model = saving::model_from_json(config, factory);
  check_fields(config["config"], saving::model_to_json(*model)["config"]);
  return model;
}

template <class Scalar>
void compile_as(const Model<Scalar>& model, const Json& config) {
  if (config.is_object() && !config.empty()) model.compile(read_compile_config(config, model.output_names()));
}

template <class Scalar>
Model<Scalar> load_archive(const std::filesystem::path& path, const LoadModelOptions<Scalar>& options) {
  constexpr std::uint64_t longest_config = 1 << 28;
  const io::ZipFile archive(path);
  if (!archive.contains("config.json"))
    raise<FileError>(archive.name(), " has no entry 'config.json'. Is it a file of Keras 3?");
  const Json config =
      saving::parse_json(archive.read("config.json", longest_config), archive.name() + ": 'config.json'");
  const io::Hdf5File file = weights_in(archive);
  const auto model = make_model(config, file.size(), options);
  load_weights_h5(*model, file, {});
  if (!options.compile) return *model;
  compile_as(*model, field(config, "compile_config"));
  std::vector<std::string> state;
  while (file.is_dataset("optimizer/vars/" + std::to_string(state.size())))
    state.push_back("optimizer/vars/" + std::to_string(state.size()));
  if (model->trainer().is_compiled() && !state.empty()) load_optimizer_state(*model, file, state);
  return *model;
}

template <class Scalar>
Model<Scalar> load_whole_h5(const std::filesystem::path& path, const LoadModelOptions<Scalar>& options) {
  const io::Hdf5File file(path);
  const auto text = file.text("", "model_config");
  if (!text)
    file.fail(
        "has no 'model_config': it holds weights without a model. Make the model and call keras::load_weights(model, "
        "path)");
  const auto model = make_model(saving::parse_json(*text, file.name() + ": 'model_config'"), file.size(), options);
  LegacyLoad<Scalar>(*model, file, {}).run();
  const auto training = file.text("", "training_config");
  if (!options.compile || !training) return *model;
  compile_as(*model, saving::parse_json(*training, file.name() + ": 'training_config'"));
  if (!model->trainer().is_compiled() || !file.is_group("optimizer_weights")) return *model;
  load_optimizer_state(*model, file, weight_paths(file, "optimizer_weights"));
  return *model;
}

}  // namespace detail

/// The model that Keras saved: a .keras, or an .h5 that holds a whole model, of Keras 2 or 3. Architecture, weights and
/// trainable flags; compiled as it was, with the optimizer's state, so that training goes on where it stopped. A file
/// is data, not code: it can name only layers that graft or .custom_objects have, and nothing is allocated that it does
/// not hold. Throws FileError if the file is not what it claims, ArgumentError for what graft does not have.
template <class Scalar = float>
Model<Scalar> load_model(const std::filesystem::path& path, const LoadModelOptions<Scalar>& options = {}) {
  switch (detail::format_of(path, "load_model")) {
    case detail::Format::archive:
      return detail::load_archive(path, options);
    case detail::Format::weights_h5:
      raise<ArgumentError>("load_model: '", path.string(), "' holds weights without a model. Make the model and call ",
                           "keras::load_weights(model, path).");
    case detail::Format::legacy_h5:
      break;
  }
  return detail::load_whole_h5(path, options);
}

}  // namespace graft::keras
