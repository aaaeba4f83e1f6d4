#pragma once
#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <graft/core/error.hpp>
#include <graft/core/index.hpp>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace graft::data {

struct ImageFile {
  std::filesystem::path path;
  Index label = None;
  std::uint64_t version = 0;  ///< hash of the file's size and time of change
};

/// The image files of a folder in Keras's order, and what else lies among them.
struct FolderIndex {
  std::vector<ImageFile> files;
  std::vector<std::string> class_names;
  std::vector<std::filesystem::path> others;
};

inline constexpr std::array<std::string_view, 4> image_extensions{".bmp", ".jpeg", ".jpg", ".png"};

inline bool has_image_extension(const std::filesystem::path& path) {
  std::string extension = path.extension().string();
  for (char& c : extension) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return std::ranges::find(image_extensions, extension) != image_extensions.end();
}

/// Walks a folder and the folders in it: folders sorted by their whole path, files by name, both by code point. Links
/// to folders are entered only if follow_links is set, and none twice on one way down. Source: keras dataset_utils.py.
class FolderWalk {
 public:
  explicit FolderWalk(bool follow_links) : follow_links_(follow_links) {}

  void add(const std::filesystem::path& folder, Index label, FolderIndex& index) {
    folders_.clear();
    visit(folder);
    for (auto& [root, files] : folders_) {
      std::ranges::sort(files);
      for (const std::string& name : files) {
        const std::filesystem::path path = std::filesystem::path(root) / name;
        if (has_image_extension(path))
          index.files.push_back({path, label});
        else
          index.others.push_back(path);
      }
    }
  }

 private:
  void visit(const std::filesystem::path& folder) {
    namespace fs = std::filesystem;
    const std::string real = fs::canonical(folder).string();
    if (!above_.insert(real).second) return;
    std::vector<std::string>& files = folders_[folder.string()];
    for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
      std::error_code broken;
      if (!entry.is_directory(broken))
        files.push_back(entry.path().filename().string());
      else if (follow_links_ || !entry.is_symlink())
        visit(entry.path());
    }
    above_.erase(real);
  }

  bool follow_links_;
  std::set<std::string> above_;
  std::map<std::string, std::vector<std::string>> folders_;
};

/// The names of the folders in a folder, sorted by code point, without those that start with a dot.
inline std::vector<std::string> folder_names(const std::filesystem::path& directory) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    std::error_code broken;
    std::string name = entry.path().filename().string();
    if (entry.is_directory(broken) && name.front() != '.') names.push_back(std::move(name));
  }
  std::ranges::sort(names);
  return names;
}

inline std::string quoted_list(const std::vector<std::string>& names) {
  std::string text = "[";
  for (const std::string& name : names) text += (text.size() > 1 ? ", '" : "'") + name + "'";
  return text + "]";
}

/// One class per folder; class_names (a part of the folders' names, if not empty) sets which and in what order. Throws
/// FileError if the folder is missing, ArgumentError if class_names names no folder.
inline FolderIndex index_classes(const std::filesystem::path& directory, const std::vector<std::string>& class_names,
                                 bool follow_links) {
  FolderIndex index;
  const std::vector<std::string> found = folder_names(directory);
  for (const std::string& name : class_names)
    if (!std::ranges::binary_search(found, name))
      raise<ArgumentError>("The `class_names` passed did not match the names of the subdirectories of the target ",
                           "directory. Expected: ", quoted_list(found),
                           " (or a subset of it), but received: class_names=", quoted_list(class_names));
  index.class_names = class_names.empty() ? found : class_names;
  FolderWalk walk(follow_links);
  for (std::size_t i = 0; i < index.class_names.size(); ++i)
    walk.add(directory / index.class_names[i], static_cast<Index>(i), index);
  return index;
}

/// All files below the folder, without classes.
inline FolderIndex index_files(const std::filesystem::path& directory, bool follow_links) {
  FolderIndex index;
  FolderWalk(follow_links).add(directory, None, index);
  return index;
}

}  // namespace graft::data
