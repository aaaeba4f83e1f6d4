#pragma once
#include <graft/graph/op.hpp>
#include <graft/ops/global_pooling.hpp>

namespace graft::steps {

/// The largest value over all positions: (batch, .., channels) -> (batch, channels).
template <class Scalar>
class GlobalMaxPooling2D final : public Op<Scalar> {
 public:
  using typename Op<Scalar>::Shapes;

  std::string kind() const override { return "global_max_pooling2d"; }
  Shape shape(Shapes in) const override { return {in[0].front(), in[0].back()}; }
  Needs needs(bool dx, bool) const override { return {.x = dx, .y = dx}; }
  bool shrinks() const override { return true; }
  void forward(Io<Scalar>& io) const override { ops::global_max_pool<Scalar>(io.x[0], io.y); }
  void backward(Io<Scalar>& io) const override {
    if (io.dx[0]) ops::global_max_pool_gradient<Scalar>(io.x[0], io.y, io.dy, io.dx[0]);
  }
};

}  // namespace graft::steps
