#pragma once
#include <graft/ops/pooling.hpp>
#include <graft/steps/pooling2d.hpp>

namespace graft::steps {

/// The largest element of each window; keeps which one that was.
template <class Scalar>
class MaxPooling2D final : public Pooling2D<Scalar> {
 public:
  using typename Op<Scalar>::Shapes;
  using Pooling2D<Scalar>::Pooling2D;

  std::string kind() const override { return "max_pooling2d"; }
  Index saved_bytes(Shapes, const Shape& out) const override { return ops::max_pool_saved_bytes(this->window(), out); }
  void forward(Io<Scalar>& io) const override { ops::max_pool<Scalar>(io.x[0], this->window(), io.y, io.saved); }
  void backward(Io<Scalar>& io) const override {
    if (io.dx[0]) ops::max_pool_gradient<Scalar>(io.dy, this->window(), io.saved, io.dx[0]);
  }
};

}  // namespace graft::steps
