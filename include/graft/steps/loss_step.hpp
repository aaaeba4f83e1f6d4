#pragma once
#include <graft/graph/op.hpp>
#include <graft/losses/loss.hpp>

namespace graft::steps {

/// One loss per row of y_pred: inputs y_pred and y_true, output y_pred's shape without its last axis. Weights and the
/// reduction enter through the gradient that the trainer writes. While compiling, the shape of y_true is not known yet
/// and stands as rank 0.
template <class Scalar>
class LossStep final : public Op<Scalar> {
 public:
  using typename Op<Scalar>::Shapes;

  /// `activation`: y_pred holds the values before this one ("softmax", "sigmoid"); empty: y_pred is the prediction.
  LossStep(Loss loss, std::string activation) : loss_(std::move(loss)), activation_(std::move(activation)) {}

  std::string kind() const override { return loss_.name(); }
  Shape shape(Shapes in) const override {
    if (in[1].empty()) return Shape(std::span(in[0].begin(), in[0].end() - 1));
    return resolved(in[1], in[0])->loss_shape(in[1], in[0]);
  }
  Needs needs(bool dx, bool) const override { return {.x = dx, .y = false}; }
  void forward(Io<Scalar>& io) const override { of(io)->forward(io.x[1], io.x[0], io.y); }
  void backward(Io<Scalar>& io) const override {
    if (!io.dx[0]) return;
    of(io)->backward(io.x[1], io.x[0], View<const Scalar>(io.dy), io.dx[0]);
  }

 private:
  // The loss of these shapes, made once: ranks do not change between batches.
  const Loss& of(Io<Scalar>& io) const {
    if (!io.context->has_value()) *io.context = resolved(io.x[1].shape, io.x[0].shape);
    return *std::any_cast<Loss>(io.context);
  }
  Loss resolved(const Shape& y_true, const Shape& y_pred) const {
    const Loss loss = loss_.resolve(y_true, y_pred);
    return activation_.empty() ? loss : *loss.on_logits(activation_);
  }

  Loss loss_;
  std::string activation_;
};

}  // namespace graft::steps
