#pragma once
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <graft/core/error.hpp>
#include <span>
#include <utility>
#include <vector>

namespace graft::io {

/// An open file descriptor, closed with the object. Every failure is a FileError that names the path.
class File {
 public:
  File(std::filesystem::path path, int flags, int mode = 0)
      : path_(std::move(path)), descriptor_(::open(path_.c_str(), flags | O_CLOEXEC, mode)) {
    if (descriptor_ < 0) fail("cannot be opened");
  }
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  File(File&& other) noexcept : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)) {}
  File& operator=(File&& other) noexcept {
    std::swap(path_, other.path_);
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }

  /// Opens a regular file for reading; a folder, pipe or device is refused, never waited for.
  static File open_for_reading(const std::filesystem::path& path) {
    File file(path, O_RDONLY | O_NONBLOCK);
    if (!S_ISREG(file.status().st_mode)) raise<FileError>("'", path.string(), "' is not a regular file.");
    return file;
  }

  const std::filesystem::path& path() const { return path_; }
  std::uint64_t size() const { return static_cast<std::uint64_t>(status().st_size); }
  struct stat status() const {
    struct stat s {};
    if (::fstat(descriptor_, &s) != 0) fail("cannot be examined");
    return s;
  }

  /// Fills `out` from the given offset. Does not move a file position, so threads may read one File at once. Throws
  /// FileError if the file ends before.
  void read_at(std::uint64_t offset, std::span<std::byte> out) const {
    while (!out.empty()) {
      // Linux reads at most 2^31 - 4096 bytes per call.
      const ssize_t n =
          ::pread(descriptor_, out.data(), std::min<std::size_t>(out.size(), 1u << 30), static_cast<off_t>(offset));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) fail("cannot be read");
      if (n == 0) raise<FileError>("'", path_.string(), "' ended while it was read: another program has cut it.");
      offset += static_cast<std::uint64_t>(n);
      out = out.subspan(static_cast<std::size_t>(n));
    }
  }
  void write(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
      const ssize_t n = ::write(descriptor_, bytes.data(), std::min<std::size_t>(bytes.size(), 1u << 30));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) fail("cannot be written");
      bytes = bytes.subspan(static_cast<std::size_t>(n));
    }
  }
  /// Returns when the disk has everything.
  void sync() const {
    if (::fsync(descriptor_) != 0) fail("cannot be written to the disk");
  }
  void set_mode(mode_t mode) const {
    if (::fchmod(descriptor_, mode) != 0) fail("cannot be given its permissions");
  }

 private:
  [[noreturn]] void fail(const char* what) const {
    raise<FileError>("'", path_.string(), "' ", what, ": ", std::strerror(errno), ".");
  }

  std::filesystem::path path_;
  int descriptor_ = -1;
};

/// A whole file. Throws FileError, also if it holds more than `limit` bytes.
inline std::vector<std::byte> read_file(const std::filesystem::path& path, std::uint64_t limit) {
  const File file = File::open_for_reading(path);
  const std::uint64_t size = file.size();
  if (size > limit) raise<FileError>("'", path.string(), "' has ", size, " bytes; at most ", limit, " are read.");
  std::vector<std::byte> bytes(size);
  file.read_at(0, bytes);
  return bytes;
}

}  // namespace graft::io
