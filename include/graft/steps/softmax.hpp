#pragma once
#include <graft/graph/op.hpp>
#include <graft/ops/softmax.hpp>

namespace graft::steps {

/// softmax or log_softmax over axes other than the batch.
template <class Scalar>
class Softmax final : public Op<Scalar> {
 public:
  using typename Op<Scalar>::Shapes;

  explicit Softmax(ops::SoftmaxKind kind, ops::AxisRange axes = -1) : kind_(kind), axes_(axes) {}

  /// Losses look for "softmax" to read what was before it: only the last axis holds classes.
  std::string kind() const override {
    const std::string name = kind_ == ops::SoftmaxKind::softmax ? "softmax" : "log_softmax";
    return axes_.first == -1 ? name : name + "_along_axis";
  }
  Shape shape(Shapes in) const override { return in[0]; }
  std::uint64_t attributes() const override { return axes_.hash(); }
  Needs needs(bool dx, bool) const override { return {.x = false, .y = dx}; }
  void forward(Io<Scalar>& io) const override { ops::softmax<Scalar>(kind_, io.x[0], io.y, axes_); }
  void backward(Io<Scalar>& io) const override {
    if (io.dx[0]) ops::softmax_gradient<Scalar>(kind_, io.y, io.dy, io.dx[0], axes_);
  }

 private:
  ops::SoftmaxKind kind_;
  ops::AxisRange axes_;
};

}  // namespace graft::steps
