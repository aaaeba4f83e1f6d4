#pragma once
#include <cctype>
#include <graft/core/size2d.hpp>
#include <graft/data/image.hpp>
#include <graft/ops/resize.hpp>
#include <string_view>

namespace graft::data {

enum class Interpolation { bilinear, nearest };

/// "bilinear" or "nearest", in any case. Throws ArgumentError; `who` names the function.
inline Interpolation interpolation_from_name(std::string_view name, const char* who) {
  std::string lower;
  for (const char c : name) lower += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (lower == "bilinear") return Interpolation::bilinear;
  if (lower == "nearest") return Interpolation::nearest;
  raise<ArgumentError>(who, ": `interpolation` must be \"bilinear\" or \"nearest\", got \"", name, "\".");
}

/// The channels of "grayscale", "rgb" or "rgba". Throws ArgumentError; `who` names the function.
inline Index channels_of_color_mode(std::string_view mode, const char* who) {
  if (mode == "grayscale") return 1;
  if (mode == "rgb") return 3;
  if (mode == "rgba") return 4;
  raise<ArgumentError>(who, ": `color_mode` must be one of \"rgb\", \"rgba\", \"grayscale\". Received: color_mode=\"",
                       mode, "\".");
}

/// To the size of `out`, (height, width, channels), whatever that does to the image's proportions.
inline void stretch(const Image& image, Interpolation how, View<float> out) {
  how == Interpolation::bilinear ? ops::resize_bilinear(image.view(), out) : ops::resize_nearest(image.view(), out);
}

/// The largest part in the middle of the image that has the proportions of `size`. Source: keras.utils.smart_resize.
inline Image crop_to_aspect_ratio(const Image& image, Size2D size) {
  const auto fitting = [](Index here, Index other, Index target_here, Index target_other) {
    const float length = static_cast<float>(other * target_here) / static_cast<float>(target_other);
    return std::max<Index>(1, std::min(here, static_cast<Index>(length)));
  };
  const Index height = fitting(image.height(), image.width(), size.height, size.width);
  const Index width = fitting(image.width(), image.height(), size.width, size.height);
  return crop(image, (image.height() - height) / 2, (image.width() - width) / 2, height, width);
}

/// Resized as a whole into the middle of `out`, zeros around. Source: tf.image.resize_with_pad.
inline void stretch_with_pad(const Image& image, Interpolation how, View<float> out) {
  const auto length = [](Index n) { return static_cast<float>(n); };
  const float height = length(out.shape[0]), width = length(out.shape[1]);
  const float ratio = std::max(length(image.width()) / width, length(image.height()) / height);
  const float new_height = length(image.height()) / ratio, new_width = length(image.width()) / ratio;
  // In float a rounding may go past the target or down to nothing; TensorFlow fails there.
  const auto whole = [](float n, Index most) { return std::clamp<Index>(static_cast<Index>(n), 1, most); };
  Tensor<float> inner(Shape{whole(new_height, out.shape[0]), whole(new_width, out.shape[1]), image.channels()});
  stretch(image, how, inner.view());
  const Index rows = inner.shape()[0], columns = inner.shape()[1];
  const Index top = std::clamp<Index>(static_cast<Index>((height - new_height) / 2), 0, out.shape[0] - rows);
  const Index left = std::clamp<Index>(static_cast<Index>((width - new_width) / 2), 0, out.shape[1] - columns);
  std::fill_n(out.data, out.size(), 0.F);
  for (Index y = 0; y < rows; ++y)
    std::copy_n(inner.data() + y * columns * image.channels(), columns * image.channels(),
                out.data + ((top + y) * out.shape[1] + left) * image.channels());
}

}  // namespace graft::data
