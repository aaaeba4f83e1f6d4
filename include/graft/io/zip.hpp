#pragma once
/// ZIP archives through libzip. Opt-in: needs the CMake target graft::keras, or -lzip.
#include <zip.h>
#include <graft/io/atomic_file.hpp>
#include <set>
#include <string>

namespace graft::io {

/// A ZIP archive, open for reading. It is not trusted: names that lead out of a folder, names that occur twice and
/// entries that claim far more bytes than the archive has are refused.
class ZipFile {
 public:
  /// No entry may be larger than so many times the archive. Deflate reaches 1032; JSON rarely 20.
  static constexpr std::uint64_t largest_ratio = 32;

  /// Throws FileError if the path cannot be read, is not a ZIP archive or breaks a rule above.
  explicit ZipFile(const std::filesystem::path& path)
      : name_("'" + path.string() + "'"), bytes_(File::open_for_reading(path).size()) {
    int code = 0;
    archive_.reset(zip_open(path.c_str(), ZIP_RDONLY | ZIP_CHECKCONS, &code));
    if (!archive_) fail("cannot be opened as a ZIP archive: ", message(code), ". Is the download incomplete?");
    const zip_int64_t entries = zip_get_num_entries(archive_.get(), 0);
    for (zip_uint64_t i = 0; i < static_cast<zip_uint64_t>(entries); ++i) {
      const char* name = zip_get_name(archive_.get(), i, ZIP_FL_ENC_GUESS);
      if (name == nullptr || !is_plain(name))
        fail("has an entry called '", name == nullptr ? "" : name, "', which does not stay inside the archive.");
      if (!names_.insert(name).second) fail("has two entries called '", name, "'.");
    }
  }

  /// The path in quotes: how errors begin.
  const std::string& name() const { return name_; }
  const std::set<std::string>& names() const { return names_; }
  bool contains(const std::string& entry) const { return names_.contains(entry); }

  /// The bytes of an entry, stored or deflated; its checksum is compared. Throws FileError, also where the entry is
  /// absent or claims more than `limit` bytes.
  std::string read(const std::string& entry, std::uint64_t limit) const {
    zip_stat_t stat;
    zip_stat_init(&stat);
    if (!contains(entry) || zip_stat(archive_.get(), entry.c_str(), 0, &stat) != 0) fail("has no entry '", entry, "'.");
    if ((stat.valid & ZIP_STAT_SIZE) == 0 || stat.size > limit || stat.size / largest_ratio > bytes_)
      fail("claims ", stat.size, " bytes for '", entry, "', more than an archive of ", bytes_, " bytes may hold.");
    const std::unique_ptr<zip_file_t, int (*)(zip_file_t*)> file(zip_fopen(archive_.get(), entry.c_str(), 0),
                                                                 zip_fclose);
    if (!file) fail("has the entry '", entry, "' that cannot be opened: ", zip_strerror(archive_.get()), ".");
    std::string bytes(stat.size, '\0');
    std::size_t at = 0;
    for (zip_int64_t n = 1; at < bytes.size() && n > 0; at += static_cast<std::size_t>(std::max<zip_int64_t>(n, 0)))
      n = zip_fread(file.get(), bytes.data() + at, bytes.size() - at);
    char rest = 0;  // only at its end does libzip compare the checksum
    if (at != bytes.size() || zip_fread(file.get(), &rest, 1) != 0)
      fail("has the entry '", entry, "' that is damaged: ", zip_file_strerror(file.get()), ".");
    return bytes;
  }

 private:
  static bool is_plain(std::string_view name) {
    if (name.empty() || name.front() == '/' || name.find('\\') != std::string_view::npos ||
        name.find(':') != std::string_view::npos)
      return false;
    for (std::size_t begin = 0; begin <= name.size();) {
      const std::size_t end = std::min(name.find('/', begin), name.size());
      if (name.substr(begin, end - begin) == "..") return false;
      begin = end + 1;
    }
    return true;
  }
  static std::string message(int code) {
    zip_error_t error;
    zip_error_init_with_code(&error, code);
    std::string text = zip_error_strerror(&error);
    zip_error_fini(&error);
    return text;
  }
  template <class... Parts>
  [[noreturn]] void fail(const Parts&... parts) const {
    raise<FileError>(name_, " ", parts...);
  }
  struct Discard {
    void operator()(zip_t* archive) const { zip_discard(archive); }
  };

  std::string name_;
  std::uint64_t bytes_;
  std::unique_ptr<zip_t, Discard> archive_;
  std::set<std::string> names_;
};

/// Writes an archive of stored entries, as Keras does, in the order they are added.
class ZipWriter {
 public:
  void add(std::string name, std::string bytes) { entries_.push_back({std::move(name), std::move(bytes)}); }

  /// Replaces `path` as a whole or not at all. Throws FileError.
  void save(const std::filesystem::path& path) const {
    zip_error_t error;
    zip_error_init(&error);
    const std::unique_ptr<zip_source_t, void (*)(zip_source_t*)> image(zip_source_buffer_create(nullptr, 0, 0, &error),
                                                                       zip_source_free);
    if (!image) raise<FileError>("'", path.string(), "' cannot be written: no memory.");
    zip_t* archive = zip_open_from_source(image.get(), ZIP_TRUNCATE, &error);
    if (archive == nullptr)
      raise<FileError>("'", path.string(), "' cannot be written: ", zip_error_strerror(&error), ".");
    zip_source_keep(image.get());
    bool good = true;
    for (const auto& [name, bytes] : entries_) good = good && append(archive, name, bytes);
    good = good && zip_close(archive) == 0;
    if (!good) {
      const std::string reason = zip_strerror(archive);
      zip_discard(archive);
      raise<FileError>("'", path.string(), "' cannot be written: ", reason, ".");
    }
    copy(image.get(), path);
  }

 private:
  struct Entry {
    std::string name, bytes;
  };

  static bool append(zip_t* archive, const std::string& name, const std::string& bytes) {
    constexpr zip_uint16_t midnight = 0, new_year_1980 = (1 << 5) | 1;  // so that equal models make equal bytes
    zip_source_t* source = zip_source_buffer(archive, bytes.data(), bytes.size(), 0);
    if (source == nullptr) return false;
    const zip_int64_t at = zip_file_add(archive, name.c_str(), source, ZIP_FL_ENC_UTF_8);
    if (at < 0) {
      zip_source_free(source);
      return false;
    }
    const auto index = static_cast<zip_uint64_t>(at);
    return zip_set_file_compression(archive, index, ZIP_CM_STORE, 0) == 0 &&
           zip_file_set_dostime(archive, index, midnight, new_year_1980, 0) == 0;
  }
  static void copy(zip_source_t* image, const std::filesystem::path& path) {
    AtomicFile file(path);
    std::vector<std::byte> chunk(1 << 20);
    zip_int64_t n = zip_source_open(image);
    while (n == 0 || n == static_cast<zip_int64_t>(chunk.size())) {
      n = zip_source_read(image, chunk.data(), chunk.size());
      if (n > 0) file.write(std::span(chunk).first(static_cast<std::size_t>(n)));
      if (n == 0) break;
    }
    zip_source_close(image);
    if (n < 0) raise<FileError>("'", path.string(), "' cannot be written: the archive cannot be read back.");
    file.commit();
  }

  std::vector<Entry> entries_;
};

}  // namespace graft::io
