#pragma once
#include <graft/graph/op.hpp>
#include <graft/ops/bias.hpp>

namespace graft::steps {

/// y = x + bias along the last axis; usually fused into the product before it.
template <class Scalar>
class Bias final : public Op<Scalar> {
 public:
  using typename Op<Scalar>::Shapes;

  explicit Bias(Variable<Scalar> bias) : bias_(std::move(bias)) {}

  std::string kind() const override { return "bias"; }
  Shape shape(Shapes in) const override { return in[0]; }
  std::vector<Variable<Scalar>> variables() const override { return {bias_}; }
  std::optional<ChannelAffine<Scalar>> as_affine() const override { return ChannelAffine<Scalar>{.beta = bias_}; }
  Needs needs(bool, bool) const override { return {}; }
  void forward(Io<Scalar>& io) const override { ops::add_bias<Scalar>(io.x[0], bias_.data(), io.y); }
  void backward(Io<Scalar>& io) const override {
    if (io.dw[0]) ops::bias_gradient<Scalar>(io.dy, io.dw[0].data);
    if (io.dx[0]) std::copy_n(io.dy.data, io.dy.size(), io.dx[0].data);
  }

 private:
  Variable<Scalar> bias_;
};

}  // namespace graft::steps
