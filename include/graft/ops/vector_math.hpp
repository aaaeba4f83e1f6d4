#pragma once
#include <cmath>
#include <cstdint>
#include <cstring>
#include <graft/ops/lanes.hpp>
#include <limits>
#include <numbers>
#include <type_traits>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/// Elementary functions on Lanes.
namespace graft::ops {

namespace detail {

// terms: |r| <= ln(2) / 2 = 0.347, and 0.347^8 / 8! = 5e-9, 0.347^14 / 14! = 4e-18 are below half a rounding error.
// shift: adding it rounds to an integer, which then stands in the low bits. ln(2) is high + low; n * high is exact.
// Below lowest, half_scale would not be a normal number: exp is 0 from there on, where it is below 4e-38 or 7e-308.
template <class S>
struct ExpConstants;
template <>
struct ExpConstants<float> {
  using Bits = std::int32_t;
  static constexpr int terms = 7, mantissa = 23, bias = 127;
  static constexpr float shift = 0x1.8p23f, ln2_high = 0x1.63p-1f, ln2_low = -0x1.bd0106p-13f;
  static constexpr float lowest = -86.5f, highest = 88.722839f;
};
template <>
struct ExpConstants<double> {
  using Bits = std::int64_t;
  static constexpr int terms = 13, mantissa = 52, bias = 1023;
  static constexpr double shift = 0x1.8p52, ln2_high = 0x1.62e4p-1, ln2_low = 0x1.7f7d1cf79abcap-20;
  static constexpr double lowest = -707.5, highest = 709.78271289338397;
};

constexpr double inverse_factorial(int k) { return k <= 1 ? 1 : inverse_factorial(k - 1) / k; }

/// sum over k = K .. terms of r^(k - K) / k!
template <int K, class L>
GRAFT_INLINE L exp_series(const L& r) {
  constexpr double c = inverse_factorial(K);
  if constexpr (K == ExpConstants<typename L::Scalar>::terms)
    return L(c);
  else
    return exp_series<K + 1>(r) * r + c;
}

/// exp(x) = 2 half_scale (1 + m) for lowest <= x <= highest, where m = exp(r) - 1, |r| <= ln(2) / 2. Half: 2^128 is not
/// a float, though exp(88.7) is.
template <class L>
struct ExpParts {
  L m, half_scale;
};
template <class L>
GRAFT_INLINE ExpParts<L> exp_parts(const L& x) {
  using C = ExpConstants<typename L::Scalar>;
  using Vector = typename L::Vector;
  typedef typename C::Bits Bits __attribute__((vector_size(sizeof(Vector))));
  const L clamped = min(max(x, L(C::lowest)), L(C::highest));
  const L shifted = clamped * std::numbers::log2e + C::shift;
  const L n = shifted - C::shift;
  const L r = (clamped - n * C::ln2_high) - n * C::ln2_low;
  Bits exponent;
  std::memcpy(&exponent, &shifted.vector(), sizeof exponent);
  exponent = (exponent + (C::bias - 1)) << C::mantissa;
  Vector half_scale;
  std::memcpy(&half_scale, &exponent, sizeof half_scale);
  return {r * exp_series<1>(r), L(half_scale)};
}

/// sum over k = K .. of t^(k - K) / (2 k + 1); t <= 1/9: 9^-9 / 19 = 1e-10, 9^-18 / 37 = 2e-19.
template <int K, class L>
GRAFT_INLINE L atanh_series(const L& t) {
  constexpr double c = 1.0 / (2 * K + 1);
  if constexpr (K == (std::is_same_v<typename L::Scalar, float> ? 8 : 17))
    return L(c);
  else
    return atanh_series<K + 1>(t) * t + c;
}

}  // namespace detail

/// e^x to 2 units in the last place; 0 below about -87 (double: -708), infinity above 88.7 (709.8).
template <class Simd>
GRAFT_INLINE Lanes<Simd> exp(const Lanes<Simd>& x) {
  using L = Lanes<Simd>;
  using C = detail::ExpConstants<typename L::Scalar>;
  const auto [m, half_scale] = detail::exp_parts(x);
  const L y = (half_scale + half_scale * m) * 2;
  return if_less(L(C::highest), x, L(std::numeric_limits<double>::infinity()), if_less(x, L(C::lowest), L(), y));
}

/// e^x - 1, relative to its own size also near 0.
template <class Simd>
GRAFT_INLINE Lanes<Simd> expm1(const Lanes<Simd>& x) {
  using L = Lanes<Simd>;
  const auto [m, half_scale] = detail::exp_parts(x);
  const L y = (half_scale * m + (half_scale - 0.5)) * 2;
  const L highest(detail::ExpConstants<typename L::Scalar>::highest);
  return if_less(highest, x, L(std::numeric_limits<double>::infinity()), y);
}

/// ln(1 + z) for 0 <= z <= 1: 2 atanh(z / (2 + z)).
template <class Simd>
GRAFT_INLINE Lanes<Simd> log1p_unit(const Lanes<Simd>& z) {
  const Lanes<Simd> s = z / (z + 2);
  return s * 2 * detail::atanh_series<0>(s * s);
}

/// 1 / (1 + e^-x); never overflows.
template <class Simd>
GRAFT_INLINE Lanes<Simd> sigmoid(const Lanes<Simd>& x) {
  const Lanes<Simd> z = exp(-abs(x));
  return if_less(x, Lanes<Simd>(), z, Lanes<Simd>(1)) / (z + 1);
}

/// (1 - e^-2|x|) / (1 + e^-2|x|) with the sign of x.
template <class Simd>
GRAFT_INLINE Lanes<Simd> tanh(const Lanes<Simd>& x) {
  const Lanes<Simd> e = expm1(abs(x) * -2);
  const Lanes<Simd> y = -e / (e + 2);
  return if_less(x, Lanes<Simd>(), -y, y);
}

/// ln(1 + e^x) = max(x, 0) + ln(1 + e^-|x|)
template <class Simd>
GRAFT_INLINE Lanes<Simd> softplus(const Lanes<Simd>& x) {
  return max(x, Lanes<Simd>()) + log1p_unit(exp(-abs(x)));
}

namespace detail {

// By halves down to 16 bytes: that instruction is in every x86-64, and a compiler may use it in every function. It
// makes no vector of std::sqrt, which has to set errno.
template <class S, int Width>
GRAFT_INLINE void take_square_root(typename VectorOf<S, Width>::type& v) {
#if defined(__SSE2__)
  if constexpr (std::is_same_v<S, float> && Width == 4) {
    v = _mm_sqrt_ps(v);
  } else if constexpr (std::is_same_v<S, double> && Width == 2) {
    v = _mm_sqrt_pd(v);
  } else {
    typename VectorOf<S, Width / 2>::type low, high;
    constexpr std::make_integer_sequence<int, Width / 2> half_of{};
    half<S, Width>(low, v, 0, half_of);
    half<S, Width>(high, v, Width / 2, half_of);
    take_square_root<S, Width / 2>(low);
    take_square_root<S, Width / 2>(high);
    join<S, Width>(v, low, high, std::make_integer_sequence<int, Width>{});
  }
#else
  for (int i = 0; i < Width; ++i) v[i] = std::sqrt(v[i]);
#endif
}

}  // namespace detail

/// The square root, rounded correctly.
template <class Simd>
GRAFT_INLINE Lanes<Simd> sqrt(const Lanes<Simd>& x) {
  typename Simd::Vector v = x.vector();
  detail::take_square_root<typename Simd::Scalar, Simd::width>(v);
  return Lanes<Simd>(v);
}
/// The error function, one lane at a time.
template <class Simd>
GRAFT_INLINE Lanes<Simd> erf(const Lanes<Simd>& x) {
  return each_lane(x, [](auto v) GRAFT_INLINE_LAMBDA { return std::erf(v); });
}

}  // namespace graft::ops
