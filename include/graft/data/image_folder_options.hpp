#pragma once
#include <graft/data/image_file_source.hpp>
#include <initializer_list>
#include <optional>

namespace graft {

/// Where the labels come from: "inferred" (the folders), std::nullopt (there are none), or a list with one number per
/// file in the order of their sorted paths.
class ImageLabels {
 public:
  ImageLabels(const char* inferred) : ImageLabels(std::string(inferred)) {}
  ImageLabels(const std::string& inferred) {
    if (inferred != "inferred")
      raise<ArgumentError>(
          "`labels` must be \"inferred\", std::nullopt (no labels) or a list of integer labels, one per ",
          "image file. Received: labels=\"", inferred, "\".");
  }
  ImageLabels(std::nullopt_t) : from_(From::nowhere) {}
  ImageLabels(std::vector<Index> list) : from_(From::list), list_(std::move(list)) {}
  ImageLabels(std::initializer_list<Index> list) : from_(From::list), list_(list) {}

  bool inferred() const { return from_ == From::folders; }
  bool none() const { return from_ == From::nowhere; }
  /// Empty unless a list was given.
  const std::vector<Index>& list() const { return list_; }

 private:
  enum class From { folders, nowhere, list };

  From from_ = From::folders;
  std::vector<Index> list_;
};

namespace utils {

/// Names and defaults: keras.utils.image_dataset_from_directory.
struct ImageDatasetOptions {
  ImageLabels labels = "inferred";
  std::optional<std::string> label_mode = "int";  ///< "int", "categorical", "binary", std::nullopt: no labels
  std::vector<std::string> class_names = {};      ///< which folders are classes, in this order; empty: all, sorted
  std::string color_mode = "rgb";                 ///< "rgb", "rgba" or "grayscale"
  std::optional<Index> batch_size = 32;
  Size2D image_size = {256, 256};
  bool shuffle = true;  ///< a new order for every epoch; also before files are split
  std::optional<std::uint64_t> seed = {};
  std::optional<double> validation_split = {};  ///< the fraction, from the end, that "validation" gets
  std::optional<std::string> subset = {};       ///< "training" or "validation"
  std::string interpolation = "bilinear";       ///< "bilinear" or "nearest"
  bool follow_links = false;                    ///< enter links to folders inside a class
  bool crop_to_aspect_ratio = false;            ///< cut borders off instead of changing the proportions
  bool pad_to_aspect_ratio = false;             ///< put black borders around instead
  bool verbose = true;
  std::string on_bad_image = "error";  ///< "error", or "skip": go on without unreadable files
};

}  // namespace utils

namespace data {

inline constexpr const char* folder_function = "image_dataset_from_directory";

inline LabelMode label_mode_of(const utils::ImageDatasetOptions& o) {
  if (!o.label_mode) return LabelMode::none;
  const std::string& mode = *o.label_mode;
  if (mode != "int" && mode != "binary" && mode != "categorical")
    raise<ArgumentError>("`label_mode` argument must be one of \"int\", \"categorical\", \"binary\", or std::nullopt. ",
                         "Received: label_mode=\"", mode, "\".");
  if (o.labels.none()) return LabelMode::none;
  return mode == "int" ? LabelMode::integer : mode == "binary" ? LabelMode::binary : LabelMode::categorical;
}

inline void check_split(const utils::ImageDatasetOptions& o) {
  const double split = o.validation_split.value_or(0);
  if (!(split >= 0 && split < 1)) raise<ArgumentError>("`validation_split` must be between 0 and 1, received: ", split);
  if ((split > 0) != o.subset.has_value())
    raise<ArgumentError>("If `subset` is set, `validation_split` must be set, and inversely.");
  if (o.subset && *o.subset != "training" && *o.subset != "validation" && *o.subset != "both")
    raise<ArgumentError>("`subset` must be \"training\" or \"validation\", received: \"", *o.subset,
                         "\". For both at once call image_datasets_from_directory().");
  if (split > 0 && o.shuffle && !o.seed)
    raise<ArgumentError>(
        "If using `validation_split` and shuffling the data, you must provide a `seed` argument, to make ",
        "sure that there is no overlap between the training and validation subset.");
}

/// Throws ArgumentError for every option that is out of its rule.
inline ImageReading check_options(const utils::ImageDatasetOptions& o) {
  ImageReading reading;
  reading.labels = label_mode_of(o);
  reading.channels = channels_of_color_mode(o.color_mode, folder_function);
  reading.size = o.image_size;
  reading.interpolation = interpolation_from_name(o.interpolation, folder_function);
  if (o.image_size.height < 1 || o.image_size.width < 1)
    raise<ArgumentError>(
        "Invalid `image_size` value. Expected a height and a width of at least 1. Received: image_size=(",
        o.image_size.height, ", ", o.image_size.width, ")");
  if (o.crop_to_aspect_ratio && o.pad_to_aspect_ratio)
    raise<ArgumentError>("Only one of `pad_to_aspect_ratio`, `crop_to_aspect_ratio` can be set to `true`.");
  if (o.crop_to_aspect_ratio) reading.aspect_ratio = AspectRatio::crop;
  if (o.pad_to_aspect_ratio) reading.aspect_ratio = AspectRatio::pad;
  if (!o.class_names.empty() && !o.labels.inferred())
    raise<ArgumentError>("You can only pass `class_names` if `labels=\"inferred\"`. Received: class_names=",
                         quoted_list(o.class_names));
  if (o.on_bad_image != "error" && o.on_bad_image != "skip")
    raise<ArgumentError>("`on_bad_image` must be \"error\" or \"skip\", received: \"", o.on_bad_image, "\"");
  check_split(o);
  return reading;
}

}  // namespace data
}  // namespace graft
