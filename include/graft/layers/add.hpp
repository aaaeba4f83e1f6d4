#pragma once
#include <graft/layers/merge.hpp>

namespace graft::layers {

using AddOptions = MergeOptions;

/// y = the sum of all inputs, which are broadcast to one shape: layers::Add()({x, shortcut}). No variables.
/// Throws ArgumentError for fewer than two inputs, ShapeError if their axes differ and are not 1.
template <class Scalar = float>
class Add final : public Merge<Scalar> {
 public:
  explicit Add(AddOptions options = {}) : Merge<Scalar>("Add", ops::MergeKind::add, std::move(options)) {}

  std::string class_name() const override { return "Add"; }
  std::shared_ptr<Layer<Scalar>> share() const override { return std::make_shared<Add>(*this); }
  static Add from_config(ConfigVisitor& c) { return Merge<Scalar>::template read<Add>(c); }
};

}  // namespace graft::layers
