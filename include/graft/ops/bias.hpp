#pragma once
#include <graft/core/view.hpp>
#include <graft/ops/lanes.hpp>
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

namespace detail {

/// One vector of columns. Sums of 512 rows are summed in turn: one sum of a million rows would lose two digits.
struct BiasGradientKernel {
  template <class Simd, class S>
  GRAFT_INLINE static void run(const S* dy, Index rows, Index row_stride, Index columns, S* dbias) {
    using L = Lanes<Simd>;
    constexpr Index chunk = 512;
    each_block<L>(columns, [&](Index j, auto count) GRAFT_INLINE_LAMBDA {
      L total;
      for (Index first = 0; first < rows; first += chunk) {
        L sum;
        const Index last = rows - first < chunk ? rows : first + chunk;
        for (Index row = first; row < last; ++row) sum += L::load(dy + row * row_stride + j, count);
        total += sum;
      }
      (L::load(dbias + j, count) + total).store(dbias + j, count);
    });
  }
};

}  // namespace detail

/// dbias += the sum of all rows of dy: threads share the columns, so the bits do not depend on their number.
template <class S>
void bias_gradient(View<const S> dy, S* dbias) {
  constexpr Index block = 64 / static_cast<Index>(sizeof(S));
  const Index columns = dy.columns(), rows = dy.rows();
  with_isa<S>([&](auto simd) {
    each_range((columns + block - 1) / block, rows * block, [&](Index begin, Index end) {
      const Index first = begin * block, count = std::min(columns, end * block) - first;
      Compiled<decltype(simd), detail::BiasGradientKernel>::run(dy.data + first, rows, columns, count, dbias + first);
    });
  });
}

}  // namespace graft::ops
