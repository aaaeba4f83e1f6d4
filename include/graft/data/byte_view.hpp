#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace graft::data {

/// The bytes of a file, read by offset. Offsets outside give 0; a parser asks has() where that matters.
class ByteView {
 public:
  explicit ByteView(std::span<const std::byte> bytes) : bytes_(bytes) {}

  std::size_t size() const { return bytes_.size(); }
  const std::byte* data() const { return bytes_.data(); }
  /// True if n bytes lie at offset i.
  bool has(std::size_t i, std::size_t n) const { return i <= size() && n <= size() - i; }
  /// n bytes at offset i, fewer at the end.
  ByteView part(std::size_t i, std::size_t n) const {
    return i >= size() ? ByteView({}) : ByteView(bytes_.subspan(i, std::min(n, size() - i)));
  }
  bool starts_with(std::string_view text, std::size_t i = 0) const { return part(i, text.size()).text() == text; }
  std::string_view text() const { return {reinterpret_cast<const char*>(data()), size()}; }

  std::uint32_t u8(std::size_t i) const { return i < size() ? static_cast<std::uint32_t>(bytes_[i]) : 0; }
  std::uint32_t big16(std::size_t i) const { return u8(i) << 8 | u8(i + 1); }
  std::uint32_t big32(std::size_t i) const { return big16(i) << 16 | big16(i + 2); }
  std::uint32_t little16(std::size_t i) const { return u8(i) | u8(i + 1) << 8; }
  std::uint32_t little32(std::size_t i) const { return little16(i) | little16(i + 2) << 16; }

 private:
  std::span<const std::byte> bytes_;
};

}  // namespace graft::data
