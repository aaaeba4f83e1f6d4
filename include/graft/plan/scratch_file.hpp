#pragma once
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cstdlib>
#include <filesystem>
#include <graft/core/index.hpp>
#include <optional>
#include <string>
#include <utility>

namespace graft::plan {

/// Memory backed by a file that has no name: it is unlinked as soon as it is open, so nothing stays behind, whatever
/// ends the process.
class ScratchFile {
 public:
  /// Nothing if the folder cannot be written or has no room for so many bytes. An empty folder name stands for the
  /// system's folder for temporary files.
  static std::optional<ScratchFile> create(const std::string& folder, Index bytes) {
    std::error_code error;
    const auto where = folder.empty() ? std::filesystem::temp_directory_path(error) : std::filesystem::path(folder);
    if (error) return std::nullopt;
    std::string path = (where / "graft-features-XXXXXX").string();
    const int file = ::mkstemp(path.data());
    if (file < 0) return std::nullopt;
    ::unlink(path.c_str());
    // Reserves the blocks: writing to a mapping on a full disk would kill the process.
    void* data = ::posix_fallocate(file, 0, bytes) == 0
                     ? ::mmap(nullptr, to_size(bytes), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0)
                     : MAP_FAILED;
    ::close(file);
    if (data == MAP_FAILED) return std::nullopt;
    return ScratchFile(data, bytes);
  }
  ScratchFile(ScratchFile&& other) noexcept : data_(std::exchange(other.data_, nullptr)), bytes_(other.bytes_) {}
  ScratchFile& operator=(ScratchFile&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~ScratchFile() {
    if (data_ != nullptr) ::munmap(data_, to_size(bytes_));
  }

  void* data() { return data_; }

 private:
  ScratchFile(void* data, Index bytes) : data_(data), bytes_(bytes) {}

  void* data_;
  Index bytes_;
};

}  // namespace graft::plan
