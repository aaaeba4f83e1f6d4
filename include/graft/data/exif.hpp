#pragma once
#include <graft/data/byte_view.hpp>

namespace graft::data {

/// The orientation (tag 0x0112, 1 to 8) in the payload of a JPEG's APP1 segment; 1 if it holds none or makes no sense.
/// Source: Exif 2.32, section 4.6.4.
inline int exif_orientation(const ByteView& segment) {
  if (!segment.starts_with(std::string_view("Exif\0\0", 6))) return 1;
  const ByteView tiff = segment.part(6, segment.size());
  const bool little = tiff.starts_with("II");
  if (!little && !tiff.starts_with("MM")) return 1;
  const auto u16 = [&](std::size_t i) { return little ? tiff.little16(i) : tiff.big16(i); };
  const std::size_t directory = little ? tiff.little32(4) : tiff.big32(4);
  if (u16(2) != 42 || !tiff.has(directory, 2)) return 1;
  const std::size_t entries = u16(directory);
  for (std::size_t i = 0; i < entries; ++i) {
    const std::size_t entry = directory + 2 + 12 * i;
    if (!tiff.has(entry, 12)) return 1;
    if (u16(entry) != 0x0112) continue;
    const std::uint32_t value = u16(entry + 8);
    const bool one_short = u16(entry + 2) == 3;
    return one_short && value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
  }
  return 1;
}

}  // namespace graft::data
