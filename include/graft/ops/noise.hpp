#pragma once
#include <graft/core/random.hpp>
#include <graft/core/view.hpp>
#include <graft/ops/parallel.hpp>

namespace graft::ops {

/// y[i] = f(x[i], a standard normal number): element i of row r gets number i of stream.split(r), so that the same
/// numbers can be drawn again for a gradient. y may be x.
template <class S, class F>
void with_noise(View<const S> x, const RandomStream& stream, View<S> y, const F& f) {
  const Index row_size = x.sample_size();
  each_range(x.size(), 32, [&](Index begin, Index end) {
    for (Index i = begin; i < end;) {
      const Index row = i / row_size, last = std::min(end, (row + 1) * row_size);
      const RandomStream numbers = stream.split(static_cast<std::uint64_t>(row));
      for (; i < last; ++i)
        y.data[i] = static_cast<S>(
            f(static_cast<double>(x.data[i]), numbers.normal(static_cast<std::uint64_t>(i - row * row_size))));
    }
  });
}

}  // namespace graft::ops
