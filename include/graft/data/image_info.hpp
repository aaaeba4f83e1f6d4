#pragma once
#include <graft/core/index.hpp>
#include <sstream>
#include <string>

namespace graft::data {

/// An image with more pixels is refused before it is decoded (as RGBA it would take 400 MB).
inline constexpr Index max_image_pixels = 100'000'000;

/// What the structure of an image file says.
struct ImageInfo {
  Index height = 0, width = 0;
  int orientation = 1;     ///< EXIF's number, 1 to 8; 1 is upright
  std::string fault = {};  ///< why the file cannot be decoded; empty if nothing is wrong with its structure
};

template <class... Parts>
ImageInfo image_fault(const Parts&... parts) {
  std::ostringstream text;
  (text << ... << parts);
  ImageInfo info;
  info.fault = text.str();
  return info;
}

/// The fault of a size that is not allowed, or an empty text.
inline std::string size_fault(Index height, Index width) {
  if (height > 0 && width > 0 && height <= max_image_pixels / width) return {};
  const std::string size = std::to_string(width) + " x " + std::to_string(height) + " pixels";
  if (height <= 0 || width <= 0) return "it has " + size;
  return "it has " + size + "; at most " + std::to_string(max_image_pixels / 1'000'000) + " million are decoded";
}

}  // namespace graft::data
