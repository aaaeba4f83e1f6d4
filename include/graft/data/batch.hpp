#pragma once
#include <graft/core/tensor.hpp>
#include <optional>
#include <vector>

namespace graft {

/// Some samples of a dataset: axis 0 of every tensor counts them.
template <class S = float>
struct Batch {
  std::vector<Tensor<S>> x, y;             ///< one per input, one per output (none where there are no labels)
  std::optional<Tensor<S>> sample_weight;  ///< (samples,)
  std::vector<Index> ids;                  ///< which samples of the dataset these are; empty for a stream

  /// The number of samples.
  Index size() const {
    if (!x.empty()) return x[0].shape().front();
    if (!y.empty()) return y[0].shape().front();
    return static_cast<Index>(ids.size());
  }
};

namespace data {

/// Gives t the shape; what it held is lost. Allocates only if the shape differs.
template <class S>
void reshape(Tensor<S>& t, const Shape& shape) {
  if (!(t.shape() == shape)) t = Tensor<S>(shape);
}

/// Copies row `from_row` of `from` to row `row` of `to`; each sample has the same number of elements in both.
template <class S>
void copy_row(View<const S> from, Index from_row, Tensor<S>& to, Index row) {
  std::copy_n(from.sample(from_row), from.sample_size(), to.data() + row * from.sample_size());
}

}  // namespace data
}  // namespace graft
