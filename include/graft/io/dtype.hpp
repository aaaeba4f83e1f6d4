#pragma once
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <graft/core/index.hpp>
#include <graft/io/half.hpp>
#include <optional>
#include <string_view>
#include <type_traits>

namespace graft::io {

static_assert(std::endian::native == std::endian::little, "safetensors files are little-endian; bytes are not swapped");

/// What a file stores one number as.
enum class Dtype { f64, f32, f16, bf16, i64, i32, i16, i8, u64, u32, u16, u8, boolean };

namespace detail {

struct DtypeRow {
  Dtype dtype;
  std::string_view name;
  std::size_t bytes;
};
inline constexpr std::array<DtypeRow, 13> dtype_rows{{{Dtype::f64, "F64", 8},
                                                      {Dtype::f32, "F32", 4},
                                                      {Dtype::f16, "F16", 2},
                                                      {Dtype::bf16, "BF16", 2},
                                                      {Dtype::i64, "I64", 8},
                                                      {Dtype::i32, "I32", 4},
                                                      {Dtype::i16, "I16", 2},
                                                      {Dtype::i8, "I8", 1},
                                                      {Dtype::u64, "U64", 8},
                                                      {Dtype::u32, "U32", 4},
                                                      {Dtype::u16, "U16", 2},
                                                      {Dtype::u8, "U8", 1},
                                                      {Dtype::boolean, "BOOL", 1}}};

template <class Stored, class S>
void decode_as(const std::byte* bytes, Index n, S* out) {
  for (Index i = 0; i < n; ++i) {
    Stored value;
    std::memcpy(&value, bytes + to_size(i) * sizeof value, sizeof value);
    out[i] = static_cast<S>(value);
  }
}

template <class Stored, class S, class F>
void encode_as(const S* in, Index n, std::byte* bytes, F&& convert) {
  for (Index i = 0; i < n; ++i) {
    const Stored value = convert(in[i]);
    std::memcpy(bytes + to_size(i) * sizeof value, &value, sizeof value);
  }
}

}  // namespace detail

/// The name in a safetensors header, such as "F32".
inline std::string_view dtype_name(Dtype dtype) { return detail::dtype_rows[static_cast<std::size_t>(dtype)].name; }
/// Bytes per number.
inline std::size_t dtype_bytes(Dtype dtype) { return detail::dtype_rows[static_cast<std::size_t>(dtype)].bytes; }
/// Empty if no type has that name.
inline std::optional<Dtype> parse_dtype(std::string_view name) {
  for (const auto& row : detail::dtype_rows)
    if (row.name == name) return row.dtype;
  return std::nullopt;
}
/// True for the types that encode() writes.
inline bool is_floating(Dtype dtype) { return dtype <= Dtype::bf16; }
/// The type that stores S without loss.
template <class S>
constexpr Dtype dtype_of() {
  static_assert(std::is_same_v<S, float> || std::is_same_v<S, double>);
  return std::is_same_v<S, float> ? Dtype::f32 : Dtype::f64;
}

/// n stored numbers -> S. `bytes` may be unaligned.
template <class S>
void decode(Dtype dtype, const std::byte* bytes, Index n, S* out) {
  const auto wide = [&](float (*convert)(std::uint16_t)) {
    for (Index i = 0; i < n; ++i) {
      std::uint16_t bits;
      std::memcpy(&bits, bytes + to_size(i) * sizeof bits, sizeof bits);
      out[i] = static_cast<S>(convert(bits));
    }
  };
  switch (dtype) {
    case Dtype::f64:
      return detail::decode_as<double>(bytes, n, out);
    case Dtype::f32:
      return detail::decode_as<float>(bytes, n, out);
    case Dtype::f16:
      return wide(half_to_float);
    case Dtype::bf16:
      return wide(bfloat16_to_float);
    case Dtype::i64:
      return detail::decode_as<std::int64_t>(bytes, n, out);
    case Dtype::i32:
      return detail::decode_as<std::int32_t>(bytes, n, out);
    case Dtype::i16:
      return detail::decode_as<std::int16_t>(bytes, n, out);
    case Dtype::i8:
      return detail::decode_as<std::int8_t>(bytes, n, out);
    case Dtype::u64:
      return detail::decode_as<std::uint64_t>(bytes, n, out);
    case Dtype::u32:
      return detail::decode_as<std::uint32_t>(bytes, n, out);
    case Dtype::u16:
      return detail::decode_as<std::uint16_t>(bytes, n, out);
    case Dtype::u8:
    case Dtype::boolean:
      return detail::decode_as<std::uint8_t>(bytes, n, out);
  }
}

/// S -> n stored numbers, rounded to nearest even. Requires is_floating(dtype).
template <class S>
void encode(Dtype dtype, const S* in, Index n, std::byte* bytes) {
  switch (dtype) {
    case Dtype::f64:
      return detail::encode_as<double>(in, n, bytes, [](S x) { return static_cast<double>(x); });
    case Dtype::f32:
      return detail::encode_as<float>(in, n, bytes, [](S x) { return static_cast<float>(x); });
    case Dtype::f16:
      return detail::encode_as<std::uint16_t>(in, n, bytes, [](S x) { return double_to_half(static_cast<double>(x)); });
    case Dtype::bf16:
      return detail::encode_as<std::uint16_t>(in, n, bytes,
                                              [](S x) { return double_to_bfloat16(static_cast<double>(x)); });
    default:
      return;
  }
}

}  // namespace graft::io
