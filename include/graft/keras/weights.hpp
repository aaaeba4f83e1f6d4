#pragma once
#include <graft/io/zip.hpp>
#include <graft/keras/legacy_h5.hpp>
#include <graft/keras/weights_h5.hpp>

namespace graft::keras {

/// The version of Keras whose files these are, written into each.
inline constexpr const char* version = "3.15.1";

namespace detail {

enum class Format { archive, weights_h5, legacy_h5 };

/// By the name, as Keras decides. Throws ArgumentError for another ending.
inline Format format_of(const std::filesystem::path& path, const char* call) {
  const std::string name = path.filename().string();
  if (name.ends_with(".keras")) return Format::archive;
  if (name.ends_with(".weights.h5")) return Format::weights_h5;
  if (name.ends_with(".h5") || name.ends_with(".hdf5")) return Format::legacy_h5;
  raise<ArgumentError>(call, ": '", path.string(), "' must end in .keras, .weights.h5, .h5 or .hdf5.");
}

/// The weights inside a .keras.
inline io::Hdf5File weights_in(const io::ZipFile& archive) {
  constexpr std::uint64_t largest = std::uint64_t{1} << 40;
  const std::string bytes = archive.read("model.weights.h5", largest);
  const auto* begin = reinterpret_cast<const std::byte*>(bytes.data());
  return io::Hdf5File(std::vector<std::byte>(begin, begin + bytes.size()), archive.name() + ", 'model.weights.h5',");
}

/// What a .weights.h5 would give a model.
template <class Scalar>
LoadReport compare_weights_h5(const Model<Scalar>& model, const io::Hdf5File& file) {
  WeightPlan<Scalar> plan(file);
  plan_weights_h5(plan, model, file);
  return plan.report;
}

}  // namespace detail

/// What load_weights() would load, without reading a tensor: `loaded` are the weights that fit. Throws FileError for a
/// file that is not Keras's, and for one whose layers cannot be put beside the model's.
template <class Scalar>
LoadReport compare_weights(const Model<Scalar>& model, const std::filesystem::path& path) {
  model.graph();
  switch (detail::format_of(path, "compare_weights")) {
    case detail::Format::archive:
      return detail::compare_weights_h5(model, detail::weights_in(io::ZipFile(path)));
    case detail::Format::weights_h5:
      return detail::compare_weights_h5(model, io::Hdf5File(path));
    case detail::Format::legacy_h5:
      break;
  }
  const io::Hdf5File file(path);
  return LegacyLoad<Scalar>(model, file, {}).compare();
}

/// Loads weights that Keras wrote: a .weights.h5, a .keras, or an .h5 of weights or of a whole model. By order; with
/// .by_name (.h5 only) by the names of layers. All or nothing: throws FileError if a weight is missing or has another
/// shape (with .skip_mismatch those are left out), and changes no weight then.
///   keras::load_weights(model, "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5");
template <class Scalar>
LoadReport load_weights(const Model<Scalar>& model, const std::filesystem::path& path,
                        const LoadWeightsOptions& options = {}) {
  model.graph();
  switch (detail::format_of(path, "load_weights")) {
    case detail::Format::archive:
      return load_weights_h5(model, detail::weights_in(io::ZipFile(path)), options);
    case detail::Format::weights_h5:
      return load_weights_h5(model, io::Hdf5File(path), options);
    case detail::Format::legacy_h5:
      break;
  }
  const io::Hdf5File file(path);
  return LegacyLoad<Scalar>(model, file, options).run();
}

/// Writes the weights so that Keras's model.load_weights(path) reads them: .weights.h5, or the older .h5. The old file
/// stays until the new one is whole. Throws FileError if it cannot be written.
template <class Scalar>
void save_weights(const Model<Scalar>& model, const std::filesystem::path& path) {
  model.graph();
  io::Hdf5Writer writer;
  switch (detail::format_of(path, "save_weights")) {
    case detail::Format::archive:
      raise<ArgumentError>("save_weights: '", path.string(),
                           "' is the name of a whole model. Call keras::save_model(model, path).");
    case detail::Format::weights_h5:
      add_weights_h5(writer, model);
      break;
    case detail::Format::legacy_h5:
      add_legacy_weights(writer, model, "", version);
  }
  writer.save(path);
}

}  // namespace graft::keras
