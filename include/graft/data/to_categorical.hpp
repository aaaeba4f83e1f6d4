#pragma once
#include <cmath>
#include <graft/core/tensor.hpp>
#include <vector>

namespace graft::utils {

/// One row of zeros with a one per label: whole numbers (...) or (..., 1) -> (..., num_classes). Without num_classes it
/// is the largest label + 1. Throws ArgumentError if a label is not a whole number from 0 to num_classes - 1 (Keras
/// counts negative ones from the end).
template <class S>
Tensor<S> to_categorical(const Tensor<S>& labels, Index num_classes = None) {
  if (labels.empty() && num_classes == None)
    raise<ArgumentError>("to_categorical: no labels given, so num_classes is not known. Pass it.");
  if (num_classes == None) num_classes = static_cast<Index>(labels.array().maxCoeff()) + 1;
  if (num_classes < 1) raise<ArgumentError>("to_categorical: num_classes must be at least 1, got ", num_classes, ".");
  const bool column = labels.rank() > 1 && labels.shape().back() == 1;
  Shape shape = column ? labels.shape().with_back(num_classes) : labels.shape();
  if (!column) shape.push_back(num_classes);
  Tensor<S> one_hot(shape);
  for (Index i = 0; i < labels.size(); ++i) {
    const S label = labels.data()[i];
    if (!(label >= S(0)) || label >= static_cast<S>(num_classes) || std::trunc(label) < label)
      raise<ArgumentError>("to_categorical: the labels must be whole numbers from 0 to ", num_classes - 1, ", got ",
                           label, " at position ", i, ".");
    one_hot.data()[i * num_classes + static_cast<Index>(label)] = S(1);
  }
  return one_hot;
}
inline Tensor<float> to_categorical(const std::vector<Index>& labels, Index num_classes = None) {
  Tensor<float> t(Shape{static_cast<Index>(labels.size())});
  std::transform(labels.begin(), labels.end(), t.data(), [](Index label) { return static_cast<float>(label); });
  return to_categorical(t, num_classes);
}

}  // namespace graft::utils
