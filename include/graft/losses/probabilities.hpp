#pragma once
#include <algorithm>
#include <cmath>
#include <graft/core/error.hpp>
#include <span>
#include <string_view>

// What the crossentropies share.
namespace graft::losses::detail {

/// Keras's backend.epsilon().
inline constexpr double epsilon = 1e-7;

/// p clipped to [1e-7, 1 - 1e-7], so that a logarithm is at most 16.118.
template <class S>
S clip_probability(S p) {
  return std::clamp(p, static_cast<S>(epsilon), static_cast<S>(1 - epsilon));
}
/// True where the clipping passes a gradient.
template <class S>
bool unclipped(S p) {
  return p >= static_cast<S>(epsilon) && p <= static_cast<S>(1 - epsilon);
}

/// ln sum_j exp(x_j), in double and shifted by the largest x: no overflow for any finite x.
template <class S>
double log_sum_exp(std::span<const S> x) {
  const double top = static_cast<double>(*std::max_element(x.begin(), x.end()));
  double sum = 0;
  for (const S v : x) sum += std::exp(static_cast<double>(v) - top);
  return top + std::log(sum);
}

/// 1 / (1 + e^-x) without overflow.
template <class S>
S sigmoid(S x) {
  const S e = std::exp(-std::abs(x));
  return (x >= 0 ? S(1) : e) / (1 + e);
}

inline void check_label_smoothing(std::string_view who, double smoothing) {
  if (!(smoothing >= 0 && smoothing <= 1))
    raise<ArgumentError>(who, ": label_smoothing is from 0 to 1, got ", smoothing, ".");
}
template <class Integer>
void check_axis(std::string_view who, Integer axis) {
  if (axis != -1)
    raise<ArgumentError>(who, ": axis must be -1, the last one, got ", axis, ". Put a Permute layer before the loss.");
}

}  // namespace graft::losses::detail
