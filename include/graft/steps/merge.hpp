#pragma once
#include <graft/graph/op.hpp>
#include <graft/ops/merge.hpp>

namespace graft::steps {

/// Several inputs merged element by element, broadcast to one shape.
template <class Scalar>
class Merge final : public Op<Scalar> {
 public:
  using typename Op<Scalar>::Shapes;

  Merge(ops::MergeKind kind, std::string name) : kind_(kind), name_(std::move(name)) {}

  std::string kind() const override { return name_; }
  Shape shape(Shapes in) const override { return ops::broadcast_shape(in, name_); }
  std::uint64_t attributes() const override { return static_cast<std::uint64_t>(kind_); }
  Needs needs(bool dx, bool) const override {
    return {.x = dx && ops::merge_gradient_needs_inputs(kind_), .y = dx && ops::merge_gradient_needs_output(kind_)};
  }
  void forward(Io<Scalar>& io) const override { ops::merge<Scalar>(kind_, io.x, io.y); }
  void backward(Io<Scalar>& io) const override {
    for (std::size_t k = 0; k < io.dx.size(); ++k)
      if (io.dx[k]) ops::merge_gradient<Scalar>(kind_, io.x, io.y, io.dy, static_cast<Index>(k), io.dx[k]);
  }

 private:
  ops::MergeKind kind_;
  std::string name_;
};

}  // namespace graft::steps
