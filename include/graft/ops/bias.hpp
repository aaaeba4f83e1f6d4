#pragma once
#include <graft/core/view.hpp>
#include <graft/ops/parallel.hpp>

namespace graft::ops {

/// y = x + bias, one bias per element of the last axis; y may be x.
template <class S>
void add_bias(View<const S> x, const S* bias, View<S> y) {
  const Index columns = x.columns();
  each_range(x.rows(), columns, [&](Index begin, Index end) {
    for (Index row = begin; row < end; ++row)
      for (Index j = 0; j < columns; ++j) y.data[row * columns + j] = x.data[row * columns + j] + bias[j];
  });
}

/// dbias += the sum of all rows of dy, in order: threads share the columns, so the bits do not depend on their number.
template <class S>
void bias_gradient(View<const S> dy, S* dbias) {
  const Index columns = dy.columns(), rows = dy.rows();
  each_range(columns, rows, [&](Index begin, Index end) {
    for (Index row = 0; row < rows; ++row)
      for (Index j = begin; j < end; ++j) dbias[j] += dy.data[row * columns + j];
  });
}

}  // namespace graft::ops
