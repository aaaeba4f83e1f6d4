#pragma once
#include <graft/core/random.hpp>
#include <graft/ops/merge.hpp>

namespace graft::ops {

/// True if noise (the shape of the mask, the batch included) repeats along an axis of x.
inline bool dropout_broadcasts(const Shape& x, const Shape& noise) { return noise != x; }

/// Elements of scratch that dropout needs: the mask where it is broadcast, and none where it is not.
inline Index dropout_work(const Shape& x, const Shape& noise) {
  return dropout_broadcasts(x, noise) ? noise.with_front(x[0]).elements() : 0;
}

namespace detail {

/// 1 / (1 - rate) with probability 1 - rate, else 0: element i of the mask of one row.
inline double dropout_factor(const RandomStream& row, Index i, double rate) {
  return row.uniform(static_cast<std::uint64_t>(i)) >= rate ? 1 / (1 - rate) : 0;
}

}  // namespace detail

/// y = x mask, where each element of the mask is 1 / (1 - rate) with probability 1 - rate and 0 otherwise. The gradient
/// is the same function of dy: the mask is not kept but drawn again, element i of row r being number i of
/// stream.split(r). noise has the rank of x and lengths of x or 1 (an axis of 1 repeats; a batch of 1 gives all rows
/// the mask of row 0). Requires 0 <= rate <= 1; y may be x where the mask is not broadcast.
template <class S>
void dropout(View<const S> x, const Shape& noise, double rate, const RandomStream& stream, View<S> y, S* work) {
  if (rate >= 1) {
    std::fill_n(y.data, y.size(), S(0));
    return;
  }
  const auto each_row = [&](Index n, auto&& f) {
    each_range(x.batch(), n, [&](Index begin, Index end) {
      for (Index row = begin; row < end; ++row)
        f(row, stream.split(static_cast<std::uint64_t>(noise[0] == 1 ? 0 : row)));
    });
  };
  if (!dropout_broadcasts(x.shape, noise)) {
    each_row(8 * x.sample_size(), [&](Index row, const RandomStream& numbers) {
      const S* from = x.sample(row);
      S* to = y.sample(row);
      for (Index i = 0; i < x.sample_size(); ++i)
        to[i] = from[i] * static_cast<S>(detail::dropout_factor(numbers, i, rate));
    });
    return;
  }
  const View<S> mask{work, noise.with_front(x.batch())};
  each_row(8 * mask.sample_size(), [&](Index row, const RandomStream& numbers) {
    for (Index i = 0; i < mask.sample_size(); ++i)
      mask.sample(row)[i] = static_cast<S>(detail::dropout_factor(numbers, i, rate));
  });
  const View<const S> factors[] = {x, mask};
  merge<S>(MergeKind::multiply, factors, y);
}

}  // namespace graft::ops
