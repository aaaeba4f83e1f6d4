#pragma once
#include <graft/layers/merge.hpp>

namespace graft::layers {

using MaximumOptions = MergeOptions;

/// y = the largest input in every place; inputs are broadcast to one shape: layers::Maximum()({a, b}). No variables.
/// Where inputs are equal, the first one takes the gradient, as in TensorFlow.
/// Throws ArgumentError for fewer than two inputs, ShapeError if their axes differ and are not 1.
template <class Scalar = float>
class Maximum final : public Merge<Scalar> {
 public:
  explicit Maximum(MaximumOptions options = {})
      : Merge<Scalar>("Maximum", ops::MergeKind::maximum, std::move(options)) {}

  std::string class_name() const override { return "Maximum"; }
  std::shared_ptr<Layer<Scalar>> share() const override { return std::make_shared<Maximum>(*this); }
  static Maximum from_config(ConfigVisitor& c) { return Merge<Scalar>::template read<Maximum>(c); }
};

}  // namespace graft::layers
