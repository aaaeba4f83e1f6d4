#pragma once
#include <graft/graph/op.hpp>
#include <graft/ops/batch_dot.hpp>

namespace graft::steps {

/// The product of two tensors, sample by sample, summed over one axis of each.
template <class Scalar>
class BatchDot final : public Op<Scalar> {
 public:
  using typename Op<Scalar>::Shapes;

  explicit BatchDot(const ops::DotAxes& axes) : axes_(axes) {}

  std::string kind() const override { return "dot"; }
  Shape shape(Shapes in) const override { return ops::batch_dot_shape(in[0], in[1], axes_, "dot"); }
  std::uint64_t attributes() const override {
    return mix(static_cast<std::uint64_t>(axes_.x), static_cast<std::uint64_t>(axes_.y));
  }
  Needs needs(bool dx, bool) const override { return {.x = dx, .y = false}; }
  double flops(Shapes in, const Shape& out) const override {
    return 2.0 * static_cast<double>(out.elements()) * static_cast<double>(in[0][axes_.x]);
  }
  void forward(Io<Scalar>& io) const override { ops::batch_dot<Scalar>(io.x[0], io.x[1], axes_, io.y); }
  void backward(Io<Scalar>& io) const override {
    if (io.dx[0]) ops::batch_dot_gradient_x<Scalar>(io.dy, io.x[1], axes_, io.dx[0]);
    if (io.dx[1]) ops::batch_dot_gradient_y<Scalar>(io.dy, io.x[0], axes_, io.dx[1]);
  }

 private:
  ops::DotAxes axes_;
};

}  // namespace graft::steps
