#pragma once
#include <graft/graph/op.hpp>
#include <graft/ops/padding.hpp>

namespace graft::steps {

/// Images (batch, height, width, channels) with zeros around them, or without their margins: each is the other's
/// gradient.
template <class Scalar>
class Margins2D final : public Op<Scalar> {
 public:
  using typename Op<Scalar>::Shapes;

  Margins2D(const ops::Margins& margins, bool crops) : margins_(margins), crops_(crops) {}

  std::string kind() const override { return crops_ ? "cropping2d" : "zero_padding2d"; }
  Shape shape(Shapes in) const override { return crops_ ? margins_.cropped(in[0]) : margins_.padded(in[0]); }
  std::uint64_t attributes() const override {
    std::uint64_t h = 0;
    for (const Index n : {margins_.top, margins_.bottom, margins_.left, margins_.right})
      h = mix(h, static_cast<std::uint64_t>(n));
    return h;
  }
  Needs needs(bool, bool) const override { return {}; }
  void forward(Io<Scalar>& io) const override { apply(crops_, io.x[0], io.y); }
  void backward(Io<Scalar>& io) const override {
    if (io.dx[0]) apply(!crops_, io.dy, io.dx[0]);
  }

 private:
  void apply(bool crop, View<const Scalar> from, View<Scalar> to) const {
    crop ? ops::crop<Scalar>(from, margins_, to) : ops::zero_pad<Scalar>(from, margins_, to);
  }

  ops::Margins margins_;
  bool crops_;
};

}  // namespace graft::steps
