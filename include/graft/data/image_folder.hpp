#pragma once
#include <graft/core/thread_pool.hpp>
#include <graft/data/dataset.hpp>
#include <graft/data/image_folder_options.hpp>
#include <graft/data/numpy_shuffle.hpp>
#include <iostream>
#include <utility>

namespace graft {
namespace data {

/// Everything that image_dataset_from_directory does before it makes a dataset.
class ImageFolder {
 public:
  ImageFolder(const std::filesystem::path& directory, const utils::ImageDatasetOptions& options)
      : directory_(directory), options_(options), reading_(check_options(options)) {
    std::error_code error;
    if (!std::filesystem::is_directory(directory, error))
      raise<FileError>("'", directory.string(), "' is not a folder. Give the folder that holds one folder per class.");
    seed_ = options.seed ? *options.seed : next_seed() % 1'000'000;
    index();
    drop_unreadable();
    if (reading_.labels == LabelMode::binary && index_.class_names.size() != 2)
      raise<ArgumentError>(
          "When passing `label_mode=\"binary\"`, there must be exactly 2 class_names. Received: class_names=",
          quoted_list(index_.class_names));
    print_found();
    if (options.shuffle) numpy_shuffle(index_.files, seed_);
  }

  Dataset<float> all() const { return make("", index_.files, options_.shuffle); }
  Dataset<float> training(bool shuffle) const {
    const std::vector<ImageFile>& files = index_.files;
    say("Using ", files.size() - validation_count(), " files for training.");
    return make("training ", {files.begin(), files.end() - static_cast<Index>(validation_count())}, shuffle);
  }
  Dataset<float> validation(bool shuffle) const {
    say("Using ", validation_count(), " files for validation.");
    return make("validation ", {index_.files.end() - static_cast<Index>(validation_count()), index_.files.end()},
                shuffle);
  }

 private:
  template <class... Parts>
  void say(const Parts&... parts) const {
    if (options_.verbose) (std::cout << ... << parts) << std::endl;
  }

  void index() {
    try {
      index_ = options_.labels.inferred() ? index_classes(directory_, options_.class_names, options_.follow_links)
                                          : index_files(directory_, options_.follow_links);
    } catch (const std::filesystem::filesystem_error& error) {
      raise<FileError>("'", error.path1().string(), "' cannot be searched: ", error.code().message(), ".");
    }
    if (!options_.labels.inferred() && !options_.labels.none()) set_labels(options_.labels.list());
  }
  void set_labels(const std::vector<Index>& labels) {
    if (labels.size() != index_.files.size())
      raise<ArgumentError>("Expected the lengths of `labels` to match the number of files in the target directory. ",
                           "len(labels) is ", labels.size(), " while we found ", index_.files.size(),
                           " files in directory ", directory_.string(), ".");
    const std::set<Index> classes(labels.begin(), labels.end());
    for (const Index label : classes) index_.class_names.push_back(std::to_string(label));
    for (std::size_t i = 0; i < labels.size(); ++i) index_.files[i].label = labels[i];
    const auto count = static_cast<Index>(classes.size());
    if (!classes.empty() && reading_.labels != LabelMode::integer &&
        (*classes.begin() < 0 || *classes.rbegin() >= count))
      raise<ArgumentError>("`labels` must be 0 to ", count - 1, " for ", count, " classes with this `label_mode`, got ",
                           *classes.begin(), " to ", *classes.rbegin(), ".");
  }

  // Looks into every file, on all threads. Training for an hour and failing at a cut photo is the alternative.
  void drop_unreadable() {
    std::vector<ImageFile>& files = index_.files;
    std::vector<std::optional<std::string>> faults(files.size());
    thread_pool().each(static_cast<Index>(files.size()), [&](Index i, Index) {
      ImageFile& file = files[to_size(i)];
      faults[to_size(i)] = sniff_image(file.path);
      std::error_code gone;
      const auto time = std::filesystem::last_write_time(file.path, gone).time_since_epoch().count();
      file.version = mix(std::filesystem::file_size(file.path, gone), static_cast<std::uint64_t>(time));
    });
    std::string report;
    std::vector<ImageFile> good;
    for (std::size_t i = 0; i < files.size(); ++i)
      if (faults[i])
        report += "\n  " + files[i].path.string() + ": " + *faults[i];
      else
        good.push_back(files[i]);
    const std::size_t bad = files.size() - good.size();
    if (bad == 0) return;
    if (options_.on_bad_image == "error")
      raise<FileError>(bad, " of ", files.size(), " image files in '", directory_.string(),
                       "' cannot be decoded:", report,
                       "\nReplace or remove them, or pass .on_bad_image = \"skip\" to go on without them.");
    say("Left out ", bad, " of ", files.size(), " image files that cannot be decoded:", report);
    files = std::move(good);
  }

  void print_found() const {
    if (options_.labels.none())
      say("Found ", index_.files.size(), " files.");
    else
      say("Found ", index_.files.size(), " files belonging to ", index_.class_names.size(), " classes.");
    if (index_.others.empty()) return;
    constexpr std::size_t shown = 5;
    std::string names;
    for (std::size_t i = 0; i < std::min(shown, index_.others.size()); ++i)
      names += (i > 0 ? ", " : "") + index_.others[i].lexically_relative(directory_).string();
    if (index_.others.size() > shown) names += ", ...";
    say("Skipped ", index_.others.size(), " files that are not ", extensions(), ": ", names);
  }
  static std::string extensions() {
    std::string text;
    for (const std::string_view extension : image_extensions)
      text += (text.empty() ? "" : ", ") + std::string(extension);
    return text;
  }

  std::size_t validation_count() const {
    return static_cast<std::size_t>(*options_.validation_split * static_cast<double>(index_.files.size()));
  }
  Dataset<float> make(const char* part, std::vector<ImageFile> files, bool shuffle) const {
    if (files.empty())
      raise<FileError>("No ", part, "images found in directory '", directory_.string(),
                       "'. Allowed formats: ", extensions(),
                       *part                        ? ". Change `validation_split`, or add images."
                       : options_.labels.inferred() ? ". They must lie in one folder per class."
                                                    : ".");
    auto names =
        reading_.labels == LabelMode::none && options_.labels.none() ? std::vector<std::string>{} : index_.class_names;
    Dataset<float> dataset(std::make_shared<ImageFileSource>(std::move(files), std::move(names), reading_));
    if (options_.batch_size) dataset = dataset.batch(*options_.batch_size);
    return shuffle ? dataset.shuffle(seed_) : dataset;
  }

  std::filesystem::path directory_;
  utils::ImageDatasetOptions options_;
  ImageReading reading_;
  std::uint64_t seed_ = 0;
  FolderIndex index_;
};

}  // namespace data

namespace utils {

/// The images of a folder with one folder per class: x (batch, height, width, channels), float32 0 to 255, decoded and
/// resized while training goes on; y (batch) class numbers, (batch, classes) one-hot or (batch, 1). Classes are the
/// sorted names of the folders. Reads every file once at the start and reports all that cannot be decoded. What differs
/// from Keras: no GIF; photos are turned upright as their EXIF data says; the order of each epoch is graft's own (a
/// split into subsets is Keras's, file for file). Throws FileError and ArgumentError.
inline Dataset<float> image_dataset_from_directory(const std::filesystem::path& directory,
                                                   const ImageDatasetOptions& options = {}) {
  if (options.subset == "both")
    raise<ArgumentError>(
        "`subset=\"both\"` makes two datasets: call image_datasets_from_directory() and take them apart with ",
        "auto [training, validation] = ...");
  const data::ImageFolder folder(directory, options);
  if (!options.subset) return folder.all();
  return *options.subset == "training" ? folder.training(options.shuffle) : folder.validation(options.shuffle);
}

/// Keras's subset="both": the training and the validation part of one folder, the latter in a fixed order. Throws as
/// image_dataset_from_directory() does.
///   auto [training, validation] = utils::image_datasets_from_directory("photos", {.seed = 1, .validation_split =
///   0.2});
inline std::pair<Dataset<float>, Dataset<float>> image_datasets_from_directory(const std::filesystem::path& directory,
                                                                               ImageDatasetOptions options) {
  options.subset = "both";
  const data::ImageFolder folder(directory, options);
  Dataset<float> training = folder.training(options.shuffle);
  return {std::move(training), folder.validation(false)};
}

}  // namespace utils
}  // namespace graft
