#pragma once
#include <atomic>
#include <graft/io/file.hpp>
#include <string>
#include <system_error>

namespace graft::io {

/// Writes a file so that its path holds either the old bytes or all of the new ones: writes beside it, syncs, renames.
/// Without commit(), and if anything fails, the old file stays and the new one is removed. A symbolic link is followed,
/// an old file's permissions are kept. Throws FileError.
class AtomicFile {
 public:
  explicit AtomicFile(const std::filesystem::path& path)
      : target_(resolve(path)), file_(beside(target_), O_WRONLY | O_CREAT | O_EXCL, 0666) {
    struct stat old {};
    if (::stat(target_.c_str(), &old) == 0) file_.set_mode(old.st_mode & 07777);
  }
  ~AtomicFile() {
    std::error_code ignored;
    if (!committed_) std::filesystem::remove(file_.path(), ignored);
  }
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(std::span<const std::byte> bytes) { file_.write(bytes); }
  void write(std::string_view text) { write(std::as_bytes(std::span(text))); }

  /// Puts the new file in place. No write may follow.
  void commit() {
    file_.sync();
    std::error_code error;
    std::filesystem::rename(file_.path(), target_, error);
    if (error) raise<FileError>("'", target_.string(), "' cannot be replaced: ", error.message(), ".");
    committed_ = true;
    // The rename itself is safe only when the folder is on the disk too.
    File(folder(target_), O_RDONLY | O_DIRECTORY).sync();
  }

 private:
  static std::filesystem::path folder(const std::filesystem::path& path) {
    return path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  }
  static std::filesystem::path resolve(const std::filesystem::path& path) {
    namespace fs = std::filesystem;
    std::error_code error;
    if (path.empty() || !path.has_filename())
      raise<FileError>("'", path.string(), "' names no file to write. Give a path that ends in a file name.");
    if (fs::is_directory(path, error))
      raise<FileError>("'", path.string(), "' is a folder. Give the path of a file in it.");
    if (!fs::is_directory(folder(path), error))
      raise<FileError>("'", path.string(), "' cannot be written: the folder '", folder(path).string(),
                       "' does not exist. Create it first.");
    const fs::path real = fs::is_symlink(path, error) ? fs::canonical(path, error) : path;
    return error || real.empty() ? path : real;
  }
  static std::filesystem::path beside(const std::filesystem::path& target) {
    static std::atomic<unsigned> count{0};
    return target.string() + ".tmp-" + std::to_string(::getpid()) + "-" + std::to_string(++count);
  }

  std::filesystem::path target_;
  File file_;
  bool committed_ = false;
};

}  // namespace graft::io
