#pragma once
#include <graft/layers/merge.hpp>

namespace graft::layers {

using SubtractOptions = MergeOptions;

/// y = the first input - the second one, broadcast to one shape: layers::Subtract()({x, mean}). No variables.
/// Throws ArgumentError unless there are two inputs, ShapeError if their axes differ and are not 1.
template <class Scalar = float>
class Subtract final : public Merge<Scalar> {
 public:
  explicit Subtract(SubtractOptions options = {})
      : Merge<Scalar>("Subtract", ops::MergeKind::subtract, std::move(options)) {}

  std::string class_name() const override { return "Subtract"; }
  std::shared_ptr<Layer<Scalar>> share() const override { return std::make_shared<Subtract>(*this); }
  static Subtract from_config(ConfigVisitor& c) { return Merge<Scalar>::template read<Subtract>(c); }
};

}  // namespace graft::layers
