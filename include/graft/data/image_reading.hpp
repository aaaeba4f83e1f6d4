#pragma once
#include <graft/data/resize_image.hpp>
#include <optional>
#include <sstream>

namespace graft::data {

enum class LabelMode { none, integer, binary, categorical };
enum class AspectRatio { ignore, crop, pad };

/// How files become samples.
struct ImageReading {
  Size2D size;
  Index channels = 3;
  Interpolation interpolation = Interpolation::bilinear;
  AspectRatio aspect_ratio = AspectRatio::ignore;
  LabelMode labels = LabelMode::none;

  /// (height, width, channels)
  Shape shape() const { return {size.height, size.width, channels}; }

  /// "image 224 224 3 bilinear ignore": what happens to pixels, as a model stores it.
  std::string str() const {
    std::ostringstream text;
    text << "image " << size.height << ' ' << size.width << ' ' << channels << ' '
         << (interpolation == Interpolation::bilinear ? "bilinear" : "nearest") << ' '
         << (aspect_ratio == AspectRatio::crop  ? "crop"
             : aspect_ratio == AspectRatio::pad ? "pad"
                                                : "ignore");
    return text.str();
  }
  /// What str() wrote; nothing if the text is something else.
  static std::optional<ImageReading> parse(const std::string& text) {
    std::istringstream in(text);
    std::string word, interpolation, aspect;
    ImageReading reading;
    in >> word >> reading.size.height >> reading.size.width >> reading.channels >> interpolation >> aspect;
    if (interpolation == "nearest") reading.interpolation = Interpolation::nearest;
    if (aspect == "crop") reading.aspect_ratio = AspectRatio::crop;
    if (aspect == "pad") reading.aspect_ratio = AspectRatio::pad;
    // A size from a file must not decide how much is allocated: 100 million is the limit for decoded images too.
    const auto side = [](Index n) { return n >= 1 && n <= 10000; };
    const bool sound =
        side(reading.size.height) && side(reading.size.width) && reading.channels >= 1 && reading.channels <= 4;
    return in && word == "image" && sound && reading.str() == text ? std::optional(reading) : std::nullopt;
  }
};

/// Decodes and resizes a picture as the dataset of the same reading does. `out` has reading.shape().
inline void read_resized(const std::filesystem::path& path, const ImageReading& reading, View<float> out) {
  const Image image = read_image(path, reading.channels);
  if (reading.aspect_ratio == AspectRatio::pad)
    stretch_with_pad(image, reading.interpolation, out);
  else if (reading.aspect_ratio == AspectRatio::crop)
    stretch(crop_to_aspect_ratio(image, reading.size), reading.interpolation, out);
  else
    stretch(image, reading.interpolation, out);
}

}  // namespace graft::data
