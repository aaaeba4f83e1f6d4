#pragma once
#include <graft/core/tensor.hpp>
#include <vector>

namespace graft {

/// Tensors of one sample shape, one after the other along axis 0. Throws ShapeError if a sample's shape differs.
template <class Scalar>
Tensor<Scalar> concatenate_rows(const std::vector<Tensor<Scalar>>& parts) {
  Index rows = 0;
  for (const auto& part : parts) {
    if (part.rank() == 0 || part.shape().without_batch() != parts.front().shape().without_batch())
      raise<ShapeError>("concatenate_rows: ", part.shape(), " does not go on with ", parts.front().shape(), ".");
    rows += part.shape().front();
  }
  if (parts.empty()) return {};
  Tensor<Scalar> whole(parts.front().shape().with_front(rows));
  Scalar* to = whole.data();
  for (const auto& part : parts) to = std::copy(part.begin(), part.end(), to);
  return whole;
}

}  // namespace graft
