#pragma once
#include <graft/core/view.hpp>
#include <graft/ops/parallel.hpp>

namespace graft::ops {

/// The shape with its axes in another order: axis i of the result is axis order[i] of the argument.
inline Shape transposed(const Shape& shape, const Shape& order) {
  Shape out;
  for (const Index axis : order) out.push_back(shape[axis]);
  return out;
}
/// The order that undoes another one.
inline Shape inverse_order(const Shape& order) {
  Shape inverse = order;
  for (Index i = 0; i < order.rank(); ++i) inverse[order[i]] = i;
  return inverse;
}

/// y = x with its axes in another order; y has the shape transposed(x.shape, order). The gradient is the same with
/// inverse_order(order). order holds every axis once.
template <class S>
void transpose(View<const S> x, const Shape& order, View<S> y) {
  const Index last = y.shape.rank() - 1, length = y.shape[last];
  Shape strides = order;  // of x, along each axis of y
  for (Index i = 0; i <= last; ++i) {
    strides[i] = 1;
    for (Index axis = order[i] + 1; axis <= last; ++axis) strides[i] *= x.shape[axis];
  }
  const auto row_start = [&](Index row) {
    Index offset = 0;
    for (Index i = last - 1; i >= 0; --i) {
      offset += row % y.shape[i] * strides[i];
      row /= y.shape[i];
    }
    return offset;
  };
  each_range(y.rows(), length, [&](Index begin, Index end) {
    for (Index row = begin; row < end; ++row) {
      const S* from = x.data + row_start(row);
      S* to = y.data + row * length;
      if (strides[last] == 1)
        std::copy_n(from, length, to);
      else
        for (Index i = 0; i < length; ++i) to[i] = from[i * strides[last]];
    }
  });
}

}  // namespace graft::ops
