#pragma once
#include <graft/data/resize_image.hpp>
#include <optional>

namespace graft::utils {

/// Names and defaults: keras.utils.load_img.
struct LoadImgOptions {
  std::string color_mode = "rgb";          ///< "rgb", "rgba" or "grayscale"
  std::optional<Size2D> target_size = {};  ///< {height, width}; the image's own size without it
  std::string interpolation = "nearest";   ///< "nearest" or "bilinear" (antialiased where the image shrinks, as PIL)
  bool keep_aspect_ratio = false;          ///< cut to the target's proportions first, around the middle
};

/// Reads a JPEG, PNG or BMP, turned upright as its EXIF data says (Keras leaves it lying). Throws FileError if the file
/// is missing, damaged or of another kind, ArgumentError for a bad option.
inline Image load_img(const std::filesystem::path& path, const LoadImgOptions& options = {}) {
  const auto how = data::interpolation_from_name(options.interpolation, "load_img");
  Image image = read_image(path, data::channels_of_color_mode(options.color_mode, "load_img"));
  if (!options.target_size) return image;
  const auto [height, width] = *options.target_size;
  if (height < 1 || width < 1)
    raise<ArgumentError>("load_img: `target_size` must be at least 1 x 1, got (", height, ", ", width, ").");
  if (image.height() == height && image.width() == width) return image;
  if (options.keep_aspect_ratio) {
    const Index rows = std::clamp<Index>(image.width() * height / width, 1, image.height());
    const Index columns = std::clamp<Index>(image.height() * width / height, 1, image.width());
    image = data::crop(image, (image.height() - rows) / 2, (image.width() - columns) / 2, rows, columns);
  }
  Tensor<float> resized(Shape{height, width, image.channels()});
  if (how == data::Interpolation::nearest)
    ops::resize_nearest(image.view(), resized.view());
  else
    ops::resize_antialias(image.view(), resized.view());
  Image out(height, width, image.channels());
  std::transform(resized.begin(), resized.end(), out.pixel(0, 0),
                 [](float v) { return static_cast<std::uint8_t>(std::clamp(v + 0.5F, 0.F, 255.F)); });
  return out;
}

/// (height, width, channels), values 0 to 255. Reshape to {1, height, width, channels} for a batch of one.
template <class S = float>
Tensor<S> img_to_array(const Image& image) {
  Tensor<S> t(image.shape());
  std::copy_n(image.view().data, t.size(), t.data());
  return t;
}

}  // namespace graft::utils
