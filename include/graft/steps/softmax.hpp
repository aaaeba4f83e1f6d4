#pragma once
#include <graft/graph/op.hpp>
#include <graft/ops/softmax.hpp>

namespace graft::steps {

/// softmax or log_softmax along one axis that is not the batch.
template <class Scalar>
class Softmax final : public Op<Scalar> {
 public:
  using typename Op<Scalar>::Shapes;

  explicit Softmax(ops::SoftmaxKind kind, Index axis = -1) : kind_(kind), axis_(axis) {}

  /// Losses look for "softmax" to read what was before it: only the last axis holds classes.
  std::string kind() const override {
    const std::string name = kind_ == ops::SoftmaxKind::softmax ? "softmax" : "log_softmax";
    return axis_ == -1 ? name : name + "_along_axis";
  }
  Shape shape(Shapes in) const override { return in[0]; }
  std::uint64_t attributes() const override { return static_cast<std::uint64_t>(axis_); }
  Needs needs(bool dx, bool) const override { return {.x = false, .y = dx}; }
  void forward(Io<Scalar>& io) const override { ops::softmax<Scalar>(kind_, io.x[0], io.y, axis_); }
  void backward(Io<Scalar>& io) const override {
    if (io.dx[0]) ops::softmax_gradient<Scalar>(kind_, io.y, io.dy, io.dx[0], axis_);
  }

 private:
  ops::SoftmaxKind kind_;
  Index axis_;
};

}  // namespace graft::steps
