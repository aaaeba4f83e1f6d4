#pragma once
#include <algorithm>
#include <cmath>
#include <graft/core/view.hpp>
#include <graft/ops/axis.hpp>
#include <graft/ops/parallel.hpp>

namespace graft::ops {

namespace detail {

/// 1 / |x|, at most 1e7, of n numbers that lie `stride` apart.
template <class S>
S inverse_length(const S* x, Index n, Index stride) {
  S squares = 0;
  for (Index i = 0; i < n; ++i) squares += x[i * stride] * x[i * stride];
  return std::min(1 / std::sqrt(squares), static_cast<S>(1e7));
}

/// f(offset of the first element, elements, stride) for every vector along the axis.
template <class F>
void each_vector(const Shape& shape, Index axis, const F& f) {
  const AxisSplit split = split_at(shape, axis);
  each_range(split.outer * split.inner, split.length, [&](Index begin, Index end) {
    for (Index i = begin; i < end; ++i)
      f(i / split.inner * split.length * split.inner + i % split.inner, split.length, split.inner);
  });
}

}  // namespace detail

/// y = x / |x| along an axis that is not the batch, of vectors longer than 1e-7; shorter ones are multiplied by 1e7.
/// Source: normalize in keras/src/ops/nn.py.
template <class S>
void to_unit_length(View<const S> x, Index axis, View<S> y) {
  detail::each_vector(x.shape, axis, [&](Index at, Index n, Index stride) {
    const S factor = detail::inverse_length(x.data + at, n, stride);
    for (Index i = 0; i < n; ++i) y.data[at + i * stride] = x.data[at + i * stride] * factor;
  });
}
/// dx = (dy - u (u . dy)) / |x|, where u = x / |x|; dx = 1e7 dy of shorter vectors.
template <class S>
void unit_length_gradient(View<const S> x, View<const S> dy, Index axis, View<S> dx) {
  detail::each_vector(x.shape, axis, [&](Index at, Index n, Index stride) {
    const S factor = detail::inverse_length(x.data + at, n, stride);
    S along = 0;
    if (factor < static_cast<S>(1e7))
      for (Index i = 0; i < n; ++i) along += x.data[at + i * stride] * dy.data[at + i * stride];
    along *= factor * factor;
    for (Index i = 0; i < n; ++i)
      dx.data[at + i * stride] = (dy.data[at + i * stride] - x.data[at + i * stride] * along) * factor;
  });
}

}  // namespace graft::ops
