#pragma once
#include <graft/core/view.hpp>
#include <graft/ops/lanes.hpp>
#include <graft/ops/parallel.hpp>

namespace graft::ops {

/// y += x, of equal shapes.
template <class S>
void add_into(View<S> y, View<const S> x) {
  each_range(y.size(), 1, [&](Index begin, Index end) {
    map_lanes<S>(y.data + begin, x.data + begin, y.data + begin, end - begin,
                 [](const auto& a, const auto& b) GRAFT_INLINE_LAMBDA { return a + b; });
  });
}

/// y = x scale + offset, of equal shapes; y may be x. The gradient is the same with offset 0.
template <class S>
void scale_and_offset(View<const S> x, double scale, double offset, View<S> y) {
  each_range(y.size(), 1, [&](Index begin, Index end) {
    map_lanes<S>(x.data + begin, y.data + begin, end - begin,
                 [=](const auto& v) GRAFT_INLINE_LAMBDA { return v * scale + offset; });
  });
}

}  // namespace graft::ops
