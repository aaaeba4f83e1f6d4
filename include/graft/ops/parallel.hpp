#pragma once
#include <algorithm>
#include <graft/core/thread_pool.hpp>

namespace graft::ops {

/// Cuts 0 .. items - 1 into ranges and calls f(begin, end) for each, on the threads of the pool. For items that do not
/// depend on one another; cost is the number of elements that one item touches. A range touches at least 8192 of them:
/// waking a thread costs as much as a few thousand.
template <class F>
void each_range(Index items, Index cost, F&& f) {
  constexpr Index least = 8192;
  const Index per_range = std::max<Index>(least / std::max<Index>(cost, 1), 1);
  // Eight ranges a thread even out what threads do not get done in time.
  const Index ranges = std::min((items + per_range - 1) / per_range, 8 * thread_pool().threads());
  if (ranges <= 1) {
    if (items > 0) f(Index{0}, items);
    return;
  }
  thread_pool().each(ranges, [&](Index range, Index) { f(items * range / ranges, items * (range + 1) / ranges); });
}

}  // namespace graft::ops
