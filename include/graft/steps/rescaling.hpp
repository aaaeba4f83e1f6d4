#pragma once
#include <graft/graph/op.hpp>
#include <graft/ops/elementwise.hpp>

namespace graft::steps {

/// y = x scale + offset.
template <class Scalar>
class Rescaling final : public Op<Scalar> {
 public:
  using typename Op<Scalar>::Shapes;

  Rescaling(double scale, double offset) : scale_(scale), offset_(offset) {}

  std::string kind() const override { return "rescaling"; }
  Shape shape(Shapes in) const override { return in[0]; }
  std::uint64_t attributes() const override { return mix(hash_number(scale_), hash_number(offset_)); }
  Needs needs(bool, bool) const override { return {}; }
  void forward(Io<Scalar>& io) const override { ops::scale_and_offset<Scalar>(io.x[0], scale_, offset_, io.y); }
  void backward(Io<Scalar>& io) const override {
    if (io.dx[0]) ops::scale_and_offset<Scalar>(io.dy, scale_, 0, io.dx[0]);
  }

 private:
  double scale_, offset_;
};

}  // namespace graft::steps
