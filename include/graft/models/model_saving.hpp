#pragma once
#include <graft/models/example.hpp>
#include <graft/models/model.hpp>
#include <graft/models/model_config.hpp>
#include <graft/saving/weights.hpp>

// How models are saved: the members of Model that need files.
namespace graft {

namespace detail {

inline io::Dtype storage_dtype(const std::string& name) {
  if (name == "float32") return io::Dtype::f32;
  if (name == "float16") return io::Dtype::f16;
  if (name == "bfloat16") return io::Dtype::bf16;
  if (name == "float64") return io::Dtype::f64;
  raise<ArgumentError>("save: dtype must be float32, float16, bfloat16 or float64, got '", name, "'.");
}

inline void require_safetensors(const std::filesystem::path& path, const char* call) {
  const std::string extension = path.extension().string();
  if (extension == ".safetensors") return;
  const bool keras = extension == ".keras" || extension == ".h5" || extension == ".hdf5";
  raise<ArgumentError>(
      call, ": '", path.string(), "' must end in .safetensors",
      keras ? ". For Keras's formats include graft/keras.hpp and call keras::save_model or keras::save_weights." : ".");
}

}  // namespace detail

template <class Scalar>
void Model<Scalar>::save(const std::filesystem::path& path, const SaveOptions& options) const {
  detail::require_safetensors(path, "save");
  io::SafetensorsWriter writer;
  saving::add_weights(writer, *this->state_, detail::storage_dtype(options.dtype));
  std::map<std::string, std::string> metadata{{"format", "graft"},
                                              {"model", saving::model_to_json(*this).dump()},
                                              {"class_names", saving::Json(class_names()).dump()},
                                              {"preprocessing", saving::Json(preprocessing()).dump()}};
  if (options.dtype == "float32" || options.dtype == "float64")
    if (auto example = saving::make_example(*this)) metadata["golden"] = std::move(*example);
  writer.save(path, std::move(metadata));
}

template <class Scalar>
void Model<Scalar>::save_weights(const std::filesystem::path& path, const SaveOptions& options) const {
  detail::require_safetensors(path, "save_weights");
  io::SafetensorsWriter writer;
  saving::add_weights(writer, *this->state_, detail::storage_dtype(options.dtype));
  writer.save(path, {{"format", "graft weights"}});
}

template <class Scalar>
LoadReport Model<Scalar>::load_weights(const std::filesystem::path& path, const LoadWeightsOptions& options) const {
  const std::string extension = path.extension().string();
  if (extension == ".keras" || extension == ".h5" || extension == ".hdf5")
    raise<FileError>("'", path.string(),
                     "' is a Keras file: include graft/keras.hpp and call keras::load_weights(model, path).");
  graph();
  return saving::load_weights(*this->state_, io::TensorFile(path), options);
}

}  // namespace graft
