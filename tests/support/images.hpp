#pragma once
#include <fstream>
#include <graft/data/save_img.hpp>
#include <string>

#include "support/temporary_folder.hpp"

/// An image whose pixels all differ a little: no two rows, columns or channels are alike.
inline graft::Image pattern_image(graft::Index height, graft::Index width, graft::Index channels) {
  graft::Image image(height, width, channels);
  for (graft::Index y = 0; y < height; ++y)
    for (graft::Index x = 0; x < width; ++x)
      for (graft::Index c = 0; c < channels; ++c)
        image.pixel(y, x)[c] = static_cast<std::uint8_t>((40 * c + 7 * y + 3 * x + (y * x) % 5) % 256);
  return image;
}

inline void write_file(const std::filesystem::path& path, const std::string& bytes) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << bytes;
}
inline std::string read_bytes(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// The bytes of an image file; format is "png", "jpg" or "bmp".
inline std::string encoded(const graft::Image& image, const std::string& format) {
  const TemporaryFolder folder;
  graft::utils::save_img(folder / "image", image, format);
  return read_bytes(folder / "image");
}

/// The JPEG with an EXIF segment that holds an orientation.
inline std::string with_orientation(const std::string& jpeg, int orientation, bool big_endian = false) {
  const auto number = [&](unsigned n, int bytes) {
    std::string text;
    for (int i = 0; i < bytes; ++i) text += static_cast<char>(n >> 8 * (big_endian ? bytes - 1 - i : i) & 255);
    return text;
  };
  // Header, two entries (a width first, to be stepped over), no next directory.
  const std::string tiff = (big_endian ? "MM" : "II") + number(42, 2) + number(8, 4) + number(2, 2) +
                           number(0x0100, 2) + number(4, 2) + number(1, 4) + number(640, 4) + number(0x0112, 2) +
                           number(3, 2) + number(1, 4) + number(static_cast<unsigned>(orientation), 2) + number(0, 2) +
                           number(0, 4);
  const std::string body = std::string("Exif\0\0", 6) + tiff;
  const auto length = body.size() + 2;
  const std::string head{'\xFF', '\xE1', static_cast<char>(length >> 8), static_cast<char>(length & 255)};
  return jpeg.substr(0, 2) + head + body + jpeg.substr(2);
}

inline graft::data::ByteView view_of(const std::string& bytes) {
  return graft::data::ByteView(std::as_bytes(std::span(bytes)));
}
