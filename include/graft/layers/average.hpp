#pragma once
#include <graft/layers/merge.hpp>

namespace graft::layers {

using AverageOptions = MergeOptions;

/// y = the mean of all inputs, which are broadcast to one shape: layers::Average()({a, b, c}). No variables.
/// Throws ArgumentError for fewer than two inputs, ShapeError if their axes differ and are not 1.
template <class Scalar = float>
class Average final : public Merge<Scalar> {
 public:
  explicit Average(AverageOptions options = {})
      : Merge<Scalar>("Average", ops::MergeKind::average, std::move(options)) {}

  std::string class_name() const override { return "Average"; }
  std::shared_ptr<Layer<Scalar>> share() const override { return std::make_shared<Average>(*this); }
  static Average from_config(ConfigVisitor& c) { return Merge<Scalar>::template read<Average>(c); }
};

}  // namespace graft::layers
