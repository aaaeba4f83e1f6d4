#pragma once
#include <graft/core/axes.hpp>
#include <graft/core/error.hpp>
#include <graft/core/shape.hpp>
#include <string>

namespace graft::layers {

/// The axis counted from the front; negative counts from the end. Throws ShapeError if the input has no such axis or it
/// is the batch, which a layer does not mix. `who` names the layer.
inline Index sample_axis(const Shape& in, Index axis, const std::string& who) {
  const Index at = axis < 0 ? axis + in.rank() : axis;
  if (at < 0 || at >= in.rank()) raise<ShapeError>(who, ": its input ", in, " has no axis ", axis, ".");
  if (at == 0) raise<ShapeError>(who, ": axis ", axis, " of its input ", in, " is the batch; another one is needed.");
  return at;
}

/// Throws ArgumentError if there is none.
inline void require_an_axis(const Axes& axes, const std::string& who) {
  if (axes.count() == 0) raise<ArgumentError>(who, ": axis must name at least one axis.");
}

/// The axes counted from the front, in ascending order. Throws ShapeError as sample_axis(), and if one is there twice.
inline std::vector<Index> sample_axes(const Shape& in, const Axes& axes, const std::string& who) {
  std::vector<Index> all;
  for (const Index axis : axes) all.push_back(sample_axis(in, axis, who));
  std::sort(all.begin(), all.end());
  const auto twice = std::adjacent_find(all.begin(), all.end());
  if (twice != all.end()) raise<ShapeError>(who, ": axis ", *twice, " of its input ", in, " is named twice.");
  return all;
}

}  // namespace graft::layers
