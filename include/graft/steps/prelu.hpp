#pragma once
#include <graft/graph/op.hpp>
#include <graft/ops/prelu.hpp>

namespace graft::steps {

/// y = x > 0 ? x : alpha x, with a variable alpha of the sample's shape or 1 along axes.
template <class Scalar>
class PReLU final : public Op<Scalar> {
 public:
  using typename Op<Scalar>::Shapes;

  explicit PReLU(Variable<Scalar> alpha) : alpha_(std::move(alpha)) {}

  std::string kind() const override { return "p_re_lu"; }
  Shape shape(Shapes in) const override { return in[0]; }
  std::vector<Variable<Scalar>> variables() const override { return {alpha_}; }
  Needs needs(bool dx, bool dw) const override { return {.x = dx || dw, .y = false}; }
  Index work_bytes(Shapes in, const Shape&, Direction direction) const override {
    return direction == Direction::backward ? in[0][0] * alpha_.size() * static_cast<Index>(sizeof(Scalar)) : 0;
  }
  void forward(Io<Scalar>& io) const override { ops::prelu<Scalar>(io.x[0], alpha(), io.y); }
  void backward(Io<Scalar>& io) const override {
    auto* work = static_cast<Scalar*>(io.work);
    if (io.dw[0]) ops::prelu_alpha_gradient<Scalar>(io.x[0], alpha(), io.dy, work, io.dw[0].data);
    if (io.dx[0]) ops::prelu_gradient<Scalar>(io.x[0], alpha(), io.dy, io.dx[0]);
  }

 private:
  View<const Scalar> alpha() const { return {alpha_.data(), alpha_.shape().with_batch(1)}; }

  Variable<Scalar> alpha_;
};

}  // namespace graft::steps
