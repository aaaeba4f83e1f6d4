#pragma once
#include <array>
#include <cctype>
#include <filesystem>
#include <graft/data/bmp_check.hpp>
#include <graft/data/jpeg_check.hpp>
#include <graft/data/png_check.hpp>
#include <graft/io/file.hpp>
#include <optional>

namespace graft::data {

/// A larger file is refused.
inline constexpr std::uint64_t max_image_bytes = 1u << 29;

/// Why bytes that are no JPEG, PNG or BMP are none.
inline std::string foreign_fault(const ByteView& bytes) {
  if (bytes.size() == 0) return "the file is empty";
  struct Kind {
    std::string_view magic;
    std::size_t at;
    const char* name;
  };
  using namespace std::literals;
  static constexpr std::array kinds{Kind{"GIF8"sv, 0, "a GIF"}, Kind{"WEBP"sv, 8, "a WebP"},
                                    Kind{"II*\0"sv, 0, "a TIFF"}, Kind{"MM\0*"sv, 0, "a TIFF"},
                                    Kind{"ftyp"sv, 4, "an HEIF or AVIF"}};
  for (const Kind& kind : kinds)
    if (bytes.starts_with(kind.magic, kind.at))
      return std::string("it is ") + kind.name + " image; JPEG, PNG and BMP are supported";
  std::string start;
  for (const char c : bytes.part(0, 16).text()) start += std::isprint(static_cast<unsigned char>(c)) ? c : '.';
  return "it is no JPEG, PNG or BMP image: it starts with '" + start + "'";
}

/// Checks the structure of an image file: its kind (by its content, never by its name), its size in pixels, and that it
/// is whole. Looks at every byte once, without decoding: 1 ms per megabyte or less.
inline ImageInfo check_image(const ByteView& bytes) {
  if (bytes.starts_with("\xFF\xD8")) return JpegCheck(bytes).run();
  if (bytes.starts_with("\x89PNG\r\n\x1A\n")) return check_png(bytes);
  if (bytes.starts_with("BM")) return check_bmp(bytes);
  return image_fault(foreign_fault(bytes));
}

}  // namespace graft::data

namespace graft {

/// Why an image file cannot be decoded; empty if its structure is right. Reads the whole file (the next reading then
/// comes from the system's cache) but decodes nothing: 1000 photos of 100 KB take about 0.1 s.
inline std::optional<std::string> sniff_image(const std::filesystem::path& path) {
  try {
    const std::vector<std::byte> bytes = io::read_file(path, data::max_image_bytes);
    std::string fault = data::check_image(data::ByteView(bytes)).fault;
    return fault.empty() ? std::nullopt : std::optional(std::move(fault));
  } catch (const FileError& error) {
    return error.what();
  }
}

}  // namespace graft
