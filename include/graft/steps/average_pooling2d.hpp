#pragma once
#include <graft/ops/pooling.hpp>
#include <graft/steps/pooling2d.hpp>

namespace graft::steps {

/// The mean of each window's elements; padding does not count.
template <class Scalar>
class AveragePooling2D final : public Pooling2D<Scalar> {
 public:
  using Pooling2D<Scalar>::Pooling2D;

  std::string kind() const override { return "average_pooling2d"; }
  void forward(Io<Scalar>& io) const override { ops::average_pool<Scalar>(io.x[0], this->window(), io.y); }
  void backward(Io<Scalar>& io) const override {
    if (io.dx[0]) ops::average_pool_gradient<Scalar>(io.dy, this->window(), io.dx[0]);
  }
};

}  // namespace graft::steps
