#pragma once
#include <graft/layers/merge.hpp>

namespace graft::layers {

using MultiplyOptions = MergeOptions;

/// y = the product of all inputs, which are broadcast to one shape: layers::Multiply()({x, gate}). No variables.
/// Throws ArgumentError for fewer than two inputs, ShapeError if their axes differ and are not 1.
template <class Scalar = float>
class Multiply final : public Merge<Scalar> {
 public:
  explicit Multiply(MultiplyOptions options = {})
      : Merge<Scalar>("Multiply", ops::MergeKind::multiply, std::move(options)) {}

  std::string class_name() const override { return "Multiply"; }
  std::shared_ptr<Layer<Scalar>> share() const override { return std::make_shared<Multiply>(*this); }
  static Multiply from_config(ConfigVisitor& c) { return Merge<Scalar>::template read<Multiply>(c); }
};

}  // namespace graft::layers
