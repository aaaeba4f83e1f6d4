#pragma once
#include <Eigen/Core>
#include <cmath>
#include <cstdint>

namespace graft::io {

namespace detail {

/// The float next to x whose last bit is odd where x is no float: rounding it again to fewer bits gives what rounding x
/// itself would (round to odd, Boldo and Melquiond 2008).
inline float to_odd_float(double x) {
  const float nearest = static_cast<float>(x);
  if (static_cast<double>(nearest) == x || !std::isfinite(nearest)) return nearest;
  if (Eigen::numext::bit_cast<std::uint32_t>(nearest) & 1u) return nearest;
  return std::nextafter(nearest, static_cast<double>(nearest) < x ? HUGE_VALF : -HUGE_VALF);
}

}  // namespace detail

/// IEEE 754 binary16 from its bits; exact.
inline float half_to_float(std::uint16_t bits) {
  return static_cast<float>(Eigen::numext::bit_cast<Eigen::half>(bits));
}
/// To the nearest binary16, ties to even; beyond 65520 infinity.
inline std::uint16_t float_to_half(float x) { return Eigen::numext::bit_cast<std::uint16_t>(Eigen::half(x)); }
inline std::uint16_t double_to_half(double x) { return float_to_half(detail::to_odd_float(x)); }

/// bfloat16, the upper half of a float, from its bits; exact.
inline float bfloat16_to_float(std::uint16_t bits) {
  return static_cast<float>(Eigen::numext::bit_cast<Eigen::bfloat16>(bits));
}
/// To the nearest bfloat16, ties to even.
inline std::uint16_t float_to_bfloat16(float x) { return Eigen::numext::bit_cast<std::uint16_t>(Eigen::bfloat16(x)); }
inline std::uint16_t double_to_bfloat16(double x) { return float_to_bfloat16(detail::to_odd_float(x)); }

}  // namespace graft::io
