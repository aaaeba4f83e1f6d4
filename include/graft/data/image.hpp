#pragma once
#include <algorithm>
#include <graft/core/tensor.hpp>
#include <graft/data/image_check.hpp>
#include <graft/data/stb.hpp>
#include <memory>
#include <vector>

namespace graft {

/// A decoded image of bytes, (height, width, channels); 1 channel is grey, 3 RGB, 4 RGBA.
class Image {
 public:
  Image() = default;
  Image(Index height, Index width, Index channels)
      : shape_{height, width, channels}, pixels_(to_size(shape_.elements())) {}

  Index height() const { return shape_[0]; }
  Index width() const { return shape_[1]; }
  Index channels() const { return shape_[2]; }
  const Shape& shape() const { return shape_; }
  std::uint8_t* pixel(Index y, Index x) { return pixels_.data() + (y * width() + x) * channels(); }
  const std::uint8_t* pixel(Index y, Index x) const { return pixels_.data() + (y * width() + x) * channels(); }
  View<const std::uint8_t> view() const { return {pixels_.data(), shape_}; }

 private:
  Shape shape_{0, 0, 0};
  std::vector<std::uint8_t> pixels_;
};

namespace data {

/// The image as its EXIF orientation (1 to 8) wants it shown.
inline Image upright(const Image& image, int orientation) {
  const bool transposed = orientation >= 5;
  const bool flip_rows = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  const bool flip_columns = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  Image out(transposed ? image.width() : image.height(), transposed ? image.height() : image.width(), image.channels());
  for (Index y = 0; y < out.height(); ++y)
    for (Index x = 0; x < out.width(); ++x) {
      const Index row = transposed ? x : y, column = transposed ? y : x;
      const std::uint8_t* from =
          image.pixel(flip_rows ? image.height() - 1 - row : row, flip_columns ? image.width() - 1 - column : column);
      std::copy_n(from, image.channels(), out.pixel(y, x));
    }
  return out;
}

/// A part of an image. Requires the part to lie inside.
inline Image crop(const Image& image, Index top, Index left, Index height, Index width) {
  Image out(height, width, image.channels());
  for (Index y = 0; y < height; ++y) std::copy_n(image.pixel(top + y, left), width * image.channels(), out.pixel(y, 0));
  return out;
}

}  // namespace data

/// Decodes a JPEG, PNG or BMP into 1, 3 or 4 channels, upright as its EXIF data says; 16-bit PNGs lose their lower
/// byte, transparency is dropped unless channels is 4. `name` is for the error. Throws FileError if the bytes are
/// damaged, cut or of another kind, or the image has more than data::max_image_pixels.
inline Image decode_image(std::span<const std::byte> bytes, Index channels, const std::string& name) {
  const data::ImageInfo info = data::check_image(data::ByteView(bytes));
  const auto refuse = [&](const std::string& reason) {
    raise<FileError>("'", name, "' cannot be decoded: ", reason, ". Replace or remove the file.");
  };
  if (!info.fault.empty()) refuse(info.fault);
  int width = 0, height = 0, in_file = 0;
  const std::unique_ptr<stbi_uc, void (*)(void*)> pixels(
      stbi_load_from_memory(reinterpret_cast<const stbi_uc*>(bytes.data()), static_cast<int>(bytes.size()), &width,
                            &height, &in_file, static_cast<int>(channels)),
      stbi_image_free);
  if (!pixels) refuse(stbi_failure_reason());
  Image image(height, width, channels);
  std::copy_n(pixels.get(), image.view().size(), image.pixel(0, 0));
  return info.orientation == 1 ? image : data::upright(image, info.orientation);
}

inline Image read_image(const std::filesystem::path& path, Index channels) {
  return decode_image(io::read_file(path, data::max_image_bytes), channels, path.string());
}

}  // namespace graft
