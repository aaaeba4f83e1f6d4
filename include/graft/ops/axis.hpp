#pragma once
#include <graft/core/random.hpp>
#include <graft/core/shape.hpp>

namespace graft::ops {

/// One axis, or several that follow one another: first, first + 1, ..; a negative first counts from the end.
struct AxisRange {
  Index first = -1, count = 1;

  AxisRange(Index axis) : first(axis) {}
  AxisRange(Index first_axis, Index axes) : first(first_axis), count(axes) {}
  std::uint64_t hash() const { return mix(static_cast<std::uint64_t>(first), static_cast<std::uint64_t>(count)); }
};

/// A shape seen as (outer, length, inner): the axes before a range, the range as one axis, the axes after it.
struct AxisSplit {
  Index outer = 1, length = 1, inner = 1;
};

/// Splits a known shape at a range of its axes.
inline AxisSplit split_at(const Shape& shape, AxisRange axes) {
  const Index begin = axes.first < 0 ? axes.first + shape.rank() : axes.first, end = begin + axes.count;
  AxisSplit split;
  for (Index i = 0; i < shape.rank(); ++i)
    (i < begin ? split.outer : i >= end ? split.inner : split.length) *= shape[i];
  return split;
}

}  // namespace graft::ops
