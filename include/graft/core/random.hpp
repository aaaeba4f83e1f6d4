#pragma once
#include <cmath>
#include <cstdint>
#include <cstring>
#include <numbers>
#include <string_view>

namespace graft {

/// A 64-bit hash step (the finalizer of splitmix64, Steele, Lea, Flood 2014): the base of keys and of random numbers.
constexpr std::uint64_t mix(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

/// Combines two hashes; the order matters.
constexpr std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  return mix(a ^ (mix(b) + 0x9e3779b97f4a7c15u + (a << 6)));
}

/// Hash of bytes, eight at a time.
inline std::uint64_t hash_bytes(const void* data, std::size_t n) {
  const char* p = static_cast<const char*>(data);
  std::uint64_t h = mix(n);
  for (; n >= 8; n -= 8, p += 8) {
    std::uint64_t word;
    std::memcpy(&word, p, 8);
    h = (h ^ word) * 0x9ddfea08eb382d69u;
    h ^= h >> 29;
  }
  std::uint64_t rest = 0;
  std::memcpy(&rest, p, n);
  return mix(h, rest);
}
inline std::uint64_t hash_text(std::string_view text) { return hash_bytes(text.data(), text.size()); }
inline std::uint64_t hash_number(double value) { return hash_bytes(&value, sizeof value); }

/// Random numbers without a generator state: number i of a stream is a function of (key, i). A stream can be split by
/// mixing a number into its key, so the same seed gives the same bits on any number of threads and in any order.
class RandomStream {
 public:
  explicit constexpr RandomStream(std::uint64_t key) : key_(key) {}

  constexpr RandomStream split(std::uint64_t i) const { return RandomStream(mix(key_, i)); }
  constexpr std::uint64_t bits(std::uint64_t i) const { return mix(key_, i); }
  /// Uniform in [0, 1), 53 bits.
  constexpr double uniform(std::uint64_t i) const { return static_cast<double>(bits(i) >> 11) * 0x1p-53; }
  constexpr double uniform(std::uint64_t i, double low, double high) const { return low + (high - low) * uniform(i); }
  /// Standard normal (Box and Muller 1958), from two uniforms of its own sub-stream.
  double normal(std::uint64_t i) const {
    const RandomStream pair = split(i);
    const double radius = std::sqrt(-2 * std::log(1 - pair.uniform(0)));
    return radius * std::cos(2 * std::numbers::pi * pair.uniform(1));
  }
  /// Uniform in 0 .. n - 1. Requires n > 0; the bias is below n / 2^64.
  constexpr std::uint64_t below(std::uint64_t i, std::uint64_t n) const { return bits(i) % n; }

 private:
  std::uint64_t key_;
};

}  // namespace graft
