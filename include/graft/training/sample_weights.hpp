#pragma once
#include <cmath>
#include <graft/data/batch.hpp>
#include <map>

namespace graft {

/// The class of a label: argmax of a row with several columns, else the rounded number.
template <class Scalar>
Index class_of(View<const Scalar> y, Index row) {
  const Index columns = y.sample_size();
  const Scalar* label = y.data + row * columns;
  if (columns > 1) return std::max_element(label, label + columns) - label;
  return static_cast<Index>(std::nearbyint(*label));
}

/// The weight of every sample of a batch: its sample_weight, or that of its class (1 where not named). Empty where all
/// count the same.
template <class Scalar>
Tensor<Scalar> batch_weights(const Batch<Scalar>& batch, const std::map<Index, double>& class_weight) {
  if (class_weight.empty()) return batch.sample_weight.value_or(Tensor<Scalar>());
  if (batch.sample_weight)
    raise<ArgumentError>(
        "fit: class_weight and sample_weight cannot be used together. Multiply them into sample_weight.");
  if (batch.y.size() != 1)
    raise<ArgumentError>("fit: class_weight needs a model with one output, the data brings ", batch.y.size(),
                         " label tensors. Use sample_weight.");
  Tensor<Scalar> weights({batch.size()});
  for (Index i = 0; i < batch.size(); ++i) {
    const auto found = class_weight.find(class_of<Scalar>(batch.y.front(), i));
    weights.data()[i] = found == class_weight.end() ? Scalar(1) : static_cast<Scalar>(found->second);
  }
  return weights;
}

}  // namespace graft
