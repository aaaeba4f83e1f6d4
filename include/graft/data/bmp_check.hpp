#pragma once
#include <graft/data/byte_view.hpp>
#include <graft/data/image_info.hpp>

namespace graft::data {

/// Reads the header of a BMP and compares the file's size with the size of the pixels. Source: Windows'
/// BITMAPFILEHEADER, BITMAPCOREHEADER, BITMAPINFOHEADER.
inline ImageInfo check_bmp(const ByteView& bytes) {
  const std::size_t pixels = bytes.little32(10), header = bytes.little32(14);
  if (!bytes.has(0, 18) || !bytes.has(14, header))
    return image_fault("the BMP is cut: its header is missing after ", bytes.size(), " bytes");
  if (header != 12 && header != 40 && header != 56 && header != 108 && header != 124)
    return image_fault("the BMP has a header of ", header, " bytes; 12, 40, 56, 108 and 124 are supported");
  const bool old = header == 12;
  ImageInfo info;
  info.width = old ? static_cast<Index>(bytes.little16(18)) : static_cast<std::int32_t>(bytes.little32(18));
  const Index height = old ? static_cast<Index>(bytes.little16(20)) : static_cast<std::int32_t>(bytes.little32(22));
  info.height = height < 0 ? -height : height;  // negative: the first row is the top one
  const std::uint32_t bits = bytes.little16(old ? 24 : 28), compression = old ? 0 : bytes.little32(30);
  if (compression != 0 && compression != 3) return image_fault("it is a compressed BMP, which is not supported");
  if (bits != 1 && bits != 4 && bits != 8 && bits != 16 && bits != 24 && bits != 32)
    return image_fault("the BMP has ", bits, " bits per pixel; 1, 4, 8, 16, 24 and 32 are supported");
  info.fault = size_fault(info.height, info.width);
  if (!info.fault.empty()) return info;
  const std::size_t row = (to_size(info.width) * bits + 31) / 32 * 4, needed = row * to_size(info.height);
  if (!bytes.has(pixels, needed))
    return image_fault("the BMP is cut: it needs ", pixels + needed, " bytes and has ", bytes.size());
  return info;
}

}  // namespace graft::data
