#pragma once
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

}  // namespace graft::layers
