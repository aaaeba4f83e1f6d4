#pragma once
#include <graft/layers/merge.hpp>

namespace graft::layers {

using MinimumOptions = MergeOptions;

/// y = the smallest input in every place; inputs are broadcast to one shape: layers::Minimum()({a, b}). No variables.
/// Where inputs are equal, the first one takes the gradient, as in TensorFlow.
/// Throws ArgumentError for fewer than two inputs, ShapeError if their axes differ and are not 1.
template <class Scalar = float>
class Minimum final : public Merge<Scalar> {
 public:
  explicit Minimum(MinimumOptions options = {})
      : Merge<Scalar>("Minimum", ops::MergeKind::minimum, std::move(options)) {}

  std::string class_name() const override { return "Minimum"; }
  std::shared_ptr<Layer<Scalar>> share() const override { return std::make_shared<Minimum>(*this); }
  static Minimum from_config(ConfigVisitor& c) { return Merge<Scalar>::template read<Minimum>(c); }
};

}  // namespace graft::layers
