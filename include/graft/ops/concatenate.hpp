#pragma once
#include <graft/core/view.hpp>
#include <graft/ops/axis.hpp>
#include <graft/ops/parallel.hpp>
#include <span>
#include <string_view>

namespace graft::ops {

/// The shapes joined along an axis (negative counts from the end); None where one of them is None. Throws ShapeError if
/// another axis differs or there is none to join; `who` names the layer.
inline Shape concatenate_shape(std::span<const Shape> in, Index axis, std::string_view who) {
  if (in.empty()) raise<ShapeError>(who, ": at least one input is needed.");
  Shape out = in[0];
  const Index at = axis < 0 ? axis + out.rank() : axis;
  if (at < 0 || at >= out.rank()) raise<ShapeError>(who, ": the input shape ", out, " has no axis ", axis, ".");
  for (const Shape& shape : in.subspan(1)) {
    bool fits = shape.rank() == out.rank();
    for (Index i = 0; fits && i < out.rank(); ++i) {
      const bool unknown = out[i] == None || shape[i] == None;
      fits = i == at || unknown || out[i] == shape[i];
      if (fits) out[i] = unknown && i == at ? None : i == at ? out[i] + shape[i] : out[i] == None ? shape[i] : out[i];
    }
    if (!fits)
      raise<ShapeError>(who, ": inputs of the shapes ", in[0], " and ", shape, " cannot be joined along axis ", axis,
                        ": all other axes must have equal lengths.");
  }
  return out;
}

namespace detail {

/// Calls f(outer index, offset of x[k] within the joined block, k) with each input's block length for all blocks.
template <class S, class F>
void each_joined_block(std::span<const View<S>> x, const Shape& y, Index axis, const F& f) {
  const AxisSplit split = split_at(y, axis);
  const Index block = split.length * split.inner;
  each_range(split.outer, block, [&](Index begin, Index end) {
    for (Index o = begin; o < end; ++o) {
      Index at = o * block;
      for (const View<S>& v : x) {
        const Index n = v.shape[axis] * split.inner;
        if (v.data) f(v.data + o * n, at, n);
        at += n;
      }
    }
  });
}

}  // namespace detail

/// y = the inputs one after the other along an axis.
template <class S>
void concatenate(std::span<const View<const S>> x, Index axis, View<S> y) {
  detail::each_joined_block(x, y.shape, axis,
                            [&](const S* from, Index at, Index n) { std::copy_n(from, n, y.data + at); });
}
/// The gradient: each dx is its part of dy. Those with null data are left out.
template <class S>
void concatenate_gradient(View<const S> dy, Index axis, std::span<const View<S>> dx) {
  detail::each_joined_block(dx, dy.shape, axis, [&](S* to, Index at, Index n) { std::copy_n(dy.data + at, n, to); });
}

}  // namespace graft::ops
