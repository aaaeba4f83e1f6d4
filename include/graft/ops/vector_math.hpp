#pragma once
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <graft/core/index.hpp>
#include <numbers>
#include <type_traits>
#include <utility>

/// Elementary functions on the compiler's vector types. Every lane is computed by the same operations wherever it
/// stands, and a tail is padded to a whole vector, so a value's bits do not depend on its position in an array:
/// std::exp for the tail and another exp for the body would make a sample's bits depend on the batch that it is in.
namespace graft::ops::vec {

template <class S, int Bytes>
struct VectorType {
  typedef S type __attribute__((vector_size(Bytes)));
};
/// 16 bytes of S: the registers that every x86-64 and every arm64 has.
template <class S>
using Vector = typename VectorType<S, 16>::type;
template <class V>
using LaneOf = std::remove_cvref_t<decltype(std::declval<V&>()[0])>;
template <class V>
inline constexpr Index lanes = static_cast<Index>(sizeof(V) / sizeof(LaneOf<V>));

template <class V>
V load(const LaneOf<V>* p) {
  V v;
  std::memcpy(&v, p, sizeof v);
  return v;
}
/// The first n lanes from p, zero in the others. Requires n <= lanes<V>.
template <class V>
V load(const LaneOf<V>* p, Index n) {
  V v{};
  std::memcpy(&v, p, to_size(n) * sizeof(LaneOf<V>));
  return v;
}
template <class V>
void store(LaneOf<V>* p, const V& v) {
  std::memcpy(p, &v, sizeof v);
}
template <class V>
void store(LaneOf<V>* p, const V& v, Index n) {
  std::memcpy(p, &v, to_size(n) * sizeof(LaneOf<V>));
}

/// y[i] = f(x[i]) for i in [0, n), a whole vector at a time; y may be x.
template <class S, class F>
void map(const S* x, S* y, Index n, F&& f) {
  using V = Vector<S>;
  Index i = 0;
  for (; i + lanes<V> <= n; i += lanes<V>) store<V>(y + i, f(load<V>(x + i)));
  if (i < n) store<V>(y + i, f(load<V>(x + i, n - i)), n - i);
}
/// z[i] = f(x[i], y[i]); z may be x or y.
template <class S, class F>
void map(const S* x, const S* y, S* z, Index n, F&& f) {
  using V = Vector<S>;
  Index i = 0;
  for (; i + lanes<V> <= n; i += lanes<V>) store<V>(z + i, f(load<V>(x + i), load<V>(y + i)));
  if (i < n) store<V>(z + i, f(load<V>(x + i, n - i), load<V>(y + i, n - i)), n - i);
}

/// s in every lane.
template <class V>
V all(LaneOf<V> s) {
  return V{} + s;
}
/// The larger one; a if a is NaN.
template <class V>
V max(const V& a, const V& b) {
  return a < b ? b : a;
}
/// The smaller one; a if a is NaN.
template <class V>
V min(const V& a, const V& b) {
  return b < a ? b : a;
}
template <class V>
V abs(const V& x) {
  return x < V{} ? -x : x;
}
/// f of every lane, one at a time.
template <class V, class F>
V each_lane(V x, F&& f) {
  for (Index i = 0; i < lanes<V>; ++i) x[i] = f(x[i]);
  return x;
}

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

template <class S, int K>
constexpr S inverse_factorial = inverse_factorial<S, K - 1> / static_cast<S>(K);
template <class S>
constexpr S inverse_factorial<S, 1> = S(1);

/// sum over k = K .. terms of r^(k - K) / k!
template <int K, class V>
V exp_series(const V& r) {
  using S = LaneOf<V>;
  if constexpr (K == ExpConstants<S>::terms)
    return all<V>(inverse_factorial<S, K>);
  else
    return exp_series<K + 1>(r) * r + inverse_factorial<S, K>;
}

/// exp(x) = 2 half_scale (1 + m) for lowest <= x <= highest, where m = exp(r) - 1, |r| <= ln(2) / 2. Half: 2^128 is not
/// a float, though exp(88.7) is.
template <class V>
struct ExpParts {
  V m, half_scale;
};
template <class V>
ExpParts<V> exp_parts(const V& x) {
  using S = LaneOf<V>;
  using C = ExpConstants<S>;
  using Bits = typename VectorType<typename C::Bits, sizeof(V)>::type;
  const V clamped = min(max(x, all<V>(C::lowest)), all<V>(C::highest));
  const V shifted = clamped * std::numbers::log2e_v<S> + C::shift;
  const V n = shifted - C::shift;
  const V r = (clamped - n * C::ln2_high) - n * C::ln2_low;
  const Bits exponent = (std::bit_cast<Bits>(shifted) + (C::bias - 1)) << C::mantissa;
  return {r * exp_series<1>(r), std::bit_cast<V>(exponent)};
}

/// sum over k = K .. terms of t^(k - K) / (2 k + 1); t <= 1/9: 9^-9 / 19 = 1e-10, 9^-18 / 37 = 2e-19.
template <int K, class V>
V atanh_series(const V& t) {
  using S = LaneOf<V>;
  constexpr S c = S(1) / S(2 * K + 1);
  if constexpr (K == (std::is_same_v<S, float> ? 8 : 17))
    return all<V>(c);
  else
    return atanh_series<K + 1>(t) * t + c;
}

}  // namespace detail

/// e^x to 2 units in the last place; 0 below about -87 (double: -708), infinity above 88.7 (709.8).
template <class V>
V exp(const V& x) {
  using C = detail::ExpConstants<LaneOf<V>>;
  const auto [m, half_scale] = detail::exp_parts(x);
  const V y = (half_scale + half_scale * m) * LaneOf<V>(2);
  const V tail = x < C::lowest ? V{} : y;
  return x > C::highest ? all<V>(std::numeric_limits<LaneOf<V>>::infinity()) : tail;
}

/// e^x - 1, relative to its own size also near 0.
template <class V>
V expm1(const V& x) {
  using S = LaneOf<V>;
  const auto [m, half_scale] = detail::exp_parts(x);
  const V y = (half_scale * m + (half_scale - S(0.5))) * S(2);
  return x > detail::ExpConstants<S>::highest ? all<V>(std::numeric_limits<S>::infinity()) : y;
}

/// ln(1 + z) for 0 <= z <= 1: 2 atanh(z / (2 + z)).
template <class V>
V log1p_unit(const V& z) {
  const V s = z / (z + LaneOf<V>(2));
  return s * LaneOf<V>(2) * detail::atanh_series<0>(V(s * s));
}

/// 1 / (1 + e^-x); never overflows.
template <class V>
V sigmoid(const V& x) {
  const V z = exp(V(-abs(x)));
  return (x < V{} ? z : all<V>(1)) / (z + LaneOf<V>(1));
}

/// (1 - e^-2|x|) / (1 + e^-2|x|) with the sign of x.
template <class V>
V tanh(const V& x) {
  const V e = expm1(V(abs(x) * LaneOf<V>(-2)));
  const V y = -e / (e + LaneOf<V>(2));
  return x < V{} ? -y : y;
}

/// ln(1 + e^x) = max(x, 0) + ln(1 + e^-|x|)
template <class V>
V softplus(const V& x) {
  return max(x, V{}) + log1p_unit(exp(V(-abs(x))));
}

/// The error function, one lane at a time.
template <class V>
V erf(const V& x) {
  return each_lane(x, [](auto v) { return std::erf(v); });
}

}  // namespace graft::ops::vec
