#pragma once
#include <graft/graph/op.hpp>
#include <graft/ops/concatenate.hpp>

namespace graft::steps {

/// The inputs one after the other along an axis that is not the batch; negative counts from the end.
template <class Scalar>
class Concatenate final : public Op<Scalar> {
 public:
  using typename Op<Scalar>::Shapes;

  explicit Concatenate(Index axis) : axis_(axis) {}

  std::string kind() const override { return "concatenate"; }
  Shape shape(Shapes in) const override { return ops::concatenate_shape(in, axis_, "concatenate"); }
  std::uint64_t attributes() const override { return static_cast<std::uint64_t>(axis_); }
  Needs needs(bool, bool) const override { return {}; }
  void forward(Io<Scalar>& io) const override { ops::concatenate<Scalar>(io.x, axis_, io.y); }
  void backward(Io<Scalar>& io) const override { ops::concatenate_gradient<Scalar>(io.dy, axis_, io.dx); }

 private:
  Index axis_;
};

}  // namespace graft::steps
