#pragma once
#include <graft/core/shape.hpp>

namespace graft::ops {

/// A shape seen as (outer, length, inner): the axes before one axis, that axis, the axes after it.
struct AxisSplit {
  Index outer = 1, length = 1, inner = 1;
};

/// Splits a known shape at an axis; negative counts from the end. Requires -rank <= axis < rank.
inline AxisSplit split_at(const Shape& shape, Index axis) {
  const Index at = axis < 0 ? axis + shape.rank() : axis;
  AxisSplit split;
  for (Index i = 0; i < shape.rank(); ++i)
    (i < at ? split.outer : i > at ? split.inner : split.length) *= shape[i];
  return split;
}

}  // namespace graft::ops
