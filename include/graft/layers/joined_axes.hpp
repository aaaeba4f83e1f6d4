#pragma once
#include <algorithm>
#include <graft/graph/builder.hpp>
#include <graft/ops/axis.hpp>
#include <graft/steps/transpose.hpp>

namespace graft::layers {

/// f(x, axes as a range), which keeps the shape. The axes are counted from the front, ascending and not the batch;
/// those that do not follow one another are moved together at the end, and the result is moved back.
template <class Scalar, class F>
ValueId on_joined_axes(Builder<Scalar>& builder, ValueId x, const std::vector<Index>& axes, const F& f) {
  const Index rank = builder.shape(x).rank(), count = static_cast<Index>(axes.size());
  if (axes.back() - axes.front() == count - 1) return f(x, ops::AxisRange(axes.front() - rank, count));
  Shape together;
  for (Index i = 0; i < rank; ++i)
    if (std::find(axes.begin(), axes.end(), i) == axes.end()) together.push_back(i);
  for (const Index axis : axes) together.push_back(axis);
  const ValueId moved = builder.template step<steps::Transpose<Scalar>>({x}, together);
  return builder.template step<steps::Transpose<Scalar>>({f(moved, ops::AxisRange(-count, count))},
                                                         ops::inverse_order(together));
}

}  // namespace graft::layers
