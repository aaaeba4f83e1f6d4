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
  bool is_max_pool() const override {
    const auto halves = [](const ops::WindowAxis& axis) {
      return axis.kernel == 2 && axis.stride == 2 && axis.padding == ops::Padding::valid;
    };
    return halves(this->window().height) && halves(this->window().width);
  }
  void forward(Io<Scalar>& io) const override { ops::max_pool<Scalar>(io.x[0], this->window(), io.y, io.saved); }
  void backward(Io<Scalar>& io) const override {
    if (io.dx[0]) ops::max_pool_gradient<Scalar>(io.dy, this->window(), io.saved, io.dx[0]);
  }
};

}  // namespace graft::steps
