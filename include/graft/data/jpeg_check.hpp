#pragma once
#include <algorithm>
#include <cstring>
#include <graft/data/exif.hpp>
#include <graft/data/image_info.hpp>

namespace graft::data {

/// Walks the segments of a JPEG from its first byte to its end marker. stb_image decodes a cut file without a word, the
/// rest grey, so the end marker is asked for. Coefficients are not decoded: a byte changed inside a scan goes unseen.
/// Source: ITU-T T.81, annex B.
class JpegCheck {
 public:
  explicit JpegCheck(const ByteView& bytes) : bytes_(bytes) {}

  ImageInfo run() {
    at_ = 2;
    while (true) {
      if (at_ >= bytes_.size()) return cut();
      if (bytes_.u8(at_) != 0xFF) return image_fault("the JPEG is damaged: no marker at byte ", at_);
      const std::uint32_t marker = bytes_.u8(++at_);
      if (marker == 0xFF) continue;  // fill byte
      ++at_;
      if (marker == 0xD9) return scans_ > 0 ? info_ : image_fault("the JPEG holds no image");
      if (marker == 0x01 || (marker >= 0xD0 && marker <= 0xD7)) continue;  // stand alone
      const std::size_t length = bytes_.big16(at_);
      if (!bytes_.has(at_, 2) || !bytes_.has(at_, length)) return cut();
      if (length < 2) return image_fault("the JPEG is damaged: a segment of length ", length, " at byte ", at_);
      if (std::string fault = segment(marker, bytes_.part(at_ + 2, length - 2)); !fault.empty())
        return image_fault(fault);
      at_ += length;
      if (marker == 0xDA) skip_scan();
    }
  }

 private:
  ImageInfo cut() const {
    return image_fault("the JPEG is cut: its end marker is missing after ", bytes_.size(), " bytes");
  }

  std::string segment(std::uint32_t marker, const ByteView& body) {
    const bool frame = marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
    if (frame) return read_frame(marker, body);
    if (marker == 0xC4) return check_huffman(body);
    if (marker == 0xE1 && info_.orientation == 1) info_.orientation = exif_orientation(body);
    if (marker == 0xDA && info_.width == 0) return "the JPEG is damaged: a scan before the frame";
    if (marker == 0xDA) ++scans_;
    return {};
  }
  std::string read_frame(std::uint32_t marker, const ByteView& body) {
    if (marker > 0xC2) return "it is a lossless, hierarchical or arithmetic-coded JPEG, which is not supported";
    const std::uint32_t precision = body.u8(0), components = body.u8(5);
    if (precision != 8) return "the JPEG has " + std::to_string(precision) + " bits per channel; 8 are supported";
    if (components != 1 && components != 3 && components != 4)
      return "the JPEG has " + std::to_string(components) + " channels; 1, 3 and 4 are supported";
    info_.height = body.big16(1);
    info_.width = body.big16(3);
    return size_fault(info_.height, info_.width);
  }
  // stb_image 2.27 writes past its table where the 16 counts of code lengths claim more than 256 codes.
  static std::string check_huffman(const ByteView& body) {
    for (std::size_t at = 0; at < body.size();) {
      std::size_t codes = 0;
      for (std::size_t i = 1; i <= 16; ++i) codes += body.u8(at + i);
      at += 17;
      if (codes > 256 || !body.has(at, codes))
        return "the JPEG is damaged: a Huffman table of " + std::to_string(codes) + " codes";
      at += codes;
    }
    return {};
  }
  // A scan ends at a marker; a data byte 0xFF is followed by 0, restart markers belong to the scan.
  void skip_scan() {
    const auto* const begin = bytes_.data();
    while (at_ < bytes_.size()) {
      const void* found = std::memchr(begin + at_, 0xFF, bytes_.size() - at_);
      if (found == nullptr) break;
      at_ = static_cast<std::size_t>(static_cast<const std::byte*>(found) - begin);
      const std::uint32_t next = bytes_.u8(at_ + 1);
      if (next != 0 && next != 0xFF && (next < 0xD0 || next > 0xD7)) return;
      at_ += next == 0xFF ? 1 : 2;
    }
    at_ = bytes_.size();
  }

  const ByteView& bytes_;
  std::size_t at_ = 0;
  int scans_ = 0;
  ImageInfo info_;
};

}  // namespace graft::data
