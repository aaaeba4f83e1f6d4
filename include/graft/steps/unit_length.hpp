#pragma once
#include <graft/graph/op.hpp>
#include <graft/ops/unit_length.hpp>

namespace graft::steps {

/// Vectors along one axis, which is not the batch, divided by their length.
template <class Scalar>
class UnitLength final : public Op<Scalar> {
 public:
  using typename Op<Scalar>::Shapes;

  explicit UnitLength(Index axis) : axis_(axis) {}

  std::string kind() const override { return "unit_length"; }
  Shape shape(Shapes in) const override { return in[0]; }
  std::uint64_t attributes() const override { return static_cast<std::uint64_t>(axis_); }
  Needs needs(bool dx, bool) const override { return {.x = dx, .y = false}; }
  void forward(Io<Scalar>& io) const override { ops::to_unit_length<Scalar>(io.x[0], axis_, io.y); }
  void backward(Io<Scalar>& io) const override {
    if (io.dx[0]) ops::unit_length_gradient<Scalar>(io.x[0], io.dy, axis_, io.dx[0]);
  }

 private:
  Index axis_;
};

}  // namespace graft::steps
