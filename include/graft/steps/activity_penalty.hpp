#pragma once
#include <graft/graph/op.hpp>
#include <graft/regularizers/regularizer.hpp>

namespace graft::steps {

/// A layer's activity regularizer: r(x[i]) for every sample i; its mean over the batch is added to the loss.
template <class Scalar>
class ActivityPenalty final : public Op<Scalar> {
 public:
  using typename Op<Scalar>::Shapes;

  explicit ActivityPenalty(Regularizer regularizer) : regularizer_(std::move(regularizer)) {}

  std::string kind() const override { return "activity_penalty"; }
  Shape shape(Shapes in) const override { return {in[0].front()}; }
  Needs needs(bool dx, bool) const override { return {.x = dx, .y = false}; }
  void forward(Io<Scalar>& io) const override {
    for (Index i = 0; i < io.n; ++i) io.y.data[i] = static_cast<Scalar>(regularizer_.value(sample(io.x[0], i)));
  }
  void backward(Io<Scalar>& io) const override {
    if (!io.dx[0]) return;
    std::fill_n(io.dx[0].data, io.dx[0].size(), Scalar(0));
    for (Index i = 0; i < io.n; ++i) {
      const View<Scalar> dx{io.dx[0].sample(i), io.dx[0].shape.without_batch()};
      regularizer_.add_gradient(sample(io.x[0], i), dx);
      for (Scalar& g : dx.span()) g *= io.dy.data[i];
    }
  }

 private:
  static View<const Scalar> sample(View<const Scalar> x, Index i) { return {x.sample(i), x.shape.without_batch()}; }

  Regularizer regularizer_;
};

}  // namespace graft::steps
