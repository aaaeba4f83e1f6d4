#pragma once
#include <graft/data/image.hpp>
#include <graft/io/atomic_file.hpp>

namespace graft::utils {

/// Names and defaults: keras.utils.save_img.
struct SaveImgOptions {
  std::string file_format = {};  ///< "png", "jpg", "jpeg" or "bmp"; empty: the path's extension
  bool scale = true;             ///< stretch the values so that they fill 0 .. 255
};

/// An image of values: with scale the smallest becomes 0 and the largest 255, without it they must be 0 .. 255 and are
/// cut off outside; fractions are dropped. Throws ShapeError unless x is (height, width, 1 or 3 or 4).
template <class S>
Image array_to_img(const Tensor<S>& x, bool scale = true) {
  if (x.rank() != 3 || x.empty() || (x.shape()[2] != 1 && x.shape()[2] != 3 && x.shape()[2] != 4))
    raise<ShapeError>("array_to_img expects one image (height, width, channels) with 1, 3 or 4 channels, got ",
                      x.shape(), ".");
  const S low = scale ? x.array().minCoeff() : S(0), range = scale ? x.array().maxCoeff() - low : S(255);
  const S factor = range > S(0) ? S(255) / range : S(1);
  Image image(x.shape()[0], x.shape()[1], x.shape()[2]);
  std::transform(x.begin(), x.end(), image.pixel(0, 0), [&](S v) {
    const S scaled = (v - low) * factor;
    return static_cast<std::uint8_t>(scaled > S(0) ? std::min(scaled, S(255)) : S(0));  // a NaN becomes 0
  });
  return image;
}

/// Writes a PNG, JPEG (quality 95, without transparency) or BMP, whole or not at all. Throws ArgumentError for another
/// format, FileError if the path cannot be written.
inline void save_img(const std::filesystem::path& path, const Image& image, const std::string& file_format = {}) {
  std::string format = file_format.empty() ? path.extension().string() : "." + file_format;
  std::transform(format.begin(), format.end(), format.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const bool jpeg = format == ".jpg" || format == ".jpeg";
  if (!jpeg && format != ".png" && format != ".bmp")
    raise<ArgumentError>("save_img: '", path.string(), "' has the format '", format,
                         "'; use .png, .jpg, .jpeg or .bmp.");
  std::vector<std::byte> bytes;
  const auto collect = [](void* to, void* from, int n) {
    const auto* begin = static_cast<const std::byte*>(from);
    static_cast<std::vector<std::byte>*>(to)->insert(static_cast<std::vector<std::byte>*>(to)->end(), begin, begin + n);
  };
  const int width = static_cast<int>(image.width()), height = static_cast<int>(image.height());
  const int channels = static_cast<int>(image.channels());
  const void* pixels = image.view().data;
  const int written = jpeg ? stbi_write_jpg_to_func(collect, &bytes, width, height, channels, pixels, 95)
                      : format == ".png"
                          ? stbi_write_png_to_func(collect, &bytes, width, height, channels, pixels, width * channels)
                          : stbi_write_bmp_to_func(collect, &bytes, width, height, channels, pixels);
  if (written == 0) raise<FileError>("'", path.string(), "' cannot be encoded as ", format, ".");
  io::AtomicFile file(path);
  file.write(bytes);
  file.commit();
}
template <class S>
void save_img(const std::filesystem::path& path, const Tensor<S>& x, const SaveImgOptions& options = {}) {
  save_img(path, array_to_img(x, options.scale), options.file_format);
}

}  // namespace graft::utils
