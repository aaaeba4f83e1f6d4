#pragma once
#include <graft/graph/op.hpp>
#include <graft/ops/transpose.hpp>

namespace graft::steps {

/// The axes in another order; axis 0, the batch, stays.
template <class Scalar>
class Transpose final : public Op<Scalar> {
 public:
  using typename Op<Scalar>::Shapes;

  explicit Transpose(const Shape& order) : order_(order) {}

  std::string kind() const override { return "transpose"; }
  Shape shape(Shapes in) const override { return ops::transposed(in[0], order_); }
  std::uint64_t attributes() const override {
    std::uint64_t h = 0;
    for (const Index axis : order_) h = mix(h, static_cast<std::uint64_t>(axis));
    return h;
  }
  Needs needs(bool, bool) const override { return {}; }
  void forward(Io<Scalar>& io) const override { ops::transpose<Scalar>(io.x[0], order_, io.y); }
  void backward(Io<Scalar>& io) const override {
    if (io.dx[0]) ops::transpose<Scalar>(io.dy, ops::inverse_order(order_), io.dx[0]);
  }

 private:
  Shape order_;
};

}  // namespace graft::steps
