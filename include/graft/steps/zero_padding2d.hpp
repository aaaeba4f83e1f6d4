#pragma once
#include <graft/graph/op.hpp>
#include <graft/ops/padding.hpp>

namespace graft::steps {

/// Zeros around images (batch, height, width, channels).
template <class Scalar>
class ZeroPadding2D final : public Op<Scalar> {
 public:
  using typename Op<Scalar>::Shapes;

  explicit ZeroPadding2D(const ops::Margins& margins) : margins_(margins) {}

  std::string kind() const override { return "zero_padding2d"; }
  Shape shape(Shapes in) const override { return margins_.padded(in[0]); }
  std::uint64_t attributes() const override {
    std::uint64_t h = 0;
    for (const Index n : {margins_.top, margins_.bottom, margins_.left, margins_.right})
      h = mix(h, static_cast<std::uint64_t>(n));
    return h;
  }
  Needs needs(bool, bool) const override { return {}; }
  void forward(Io<Scalar>& io) const override { ops::zero_pad<Scalar>(io.x[0], margins_, io.y); }
  void backward(Io<Scalar>& io) const override {
    if (io.dx[0]) ops::crop<Scalar>(io.dy, margins_, io.dx[0]);
  }

 private:
  ops::Margins margins_;
};

}  // namespace graft::steps
