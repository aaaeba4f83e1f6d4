#pragma once
#include <cstdlib>
#include <filesystem>
#include <graft/core/error.hpp>
#include <string>
#include <vector>

namespace graft::applications {

/// The folders in which weight files are looked for, in order: $GRAFT_WEIGHTS, the folder that CMake recorded,
/// `weights` beside the headers' source tree, ~/.cache/graft.
inline std::vector<std::filesystem::path> weight_folders() {
  std::vector<std::filesystem::path> folders;
  if (const char* folder = std::getenv("GRAFT_WEIGHTS")) folders.emplace_back(folder);
#ifdef GRAFT_WEIGHTS_DIR
  folders.emplace_back(GRAFT_WEIGHTS_DIR);
#endif
  // this file is <root>/include/graft/applications/weight_files.hpp
  folders.push_back(std::filesystem::path(__FILE__).parent_path().parent_path().parent_path().parent_path() /
                    "weights");
  if (const char* home = std::getenv("HOME")) folders.push_back(std::filesystem::path(home) / ".cache" / "graft");
  return folders;
}

/// The first file of that name in weight_folders(). Throws FileError that says where it looked and how to come by the
/// file: `remedy`.
inline std::filesystem::path find_weights(const std::string& file_name, const std::string& remedy) {
  std::string looked;
  for (const auto& folder : weight_folders()) {
    std::error_code error;
    if (std::filesystem::is_regular_file(folder / file_name, error)) return folder / file_name;
    looked += "\n  " + folder.string();
  }
  raise<FileError>("'", file_name, "' was not found in", looked, "\n", remedy);
}

}  // namespace graft::applications
