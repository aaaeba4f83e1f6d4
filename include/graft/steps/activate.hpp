#pragma once
#include <graft/graph/op.hpp>
#include <graft/steps/product.hpp>

namespace graft::steps {

/// An element-wise activation: y = f(x).
template <class Scalar>
class Activate final : public Op<Scalar> {
 public:
  using typename Op<Scalar>::Shapes;

  Activate(ops::Activation activation, std::string name) : activation_(activation), name_(std::move(name)) {}

  std::string kind() const override { return name_; }
  Shape shape(Shapes in) const override { return in[0]; }
  std::uint64_t attributes() const override { return hash_activation(activation_); }
  std::optional<ops::Activation> as_activation() const override {
    return ops::gradient_from_output(activation_) ? std::optional(activation_) : std::nullopt;
  }
  Needs needs(bool dx, bool) const override {
    const bool from_output = ops::gradient_from_output(activation_);
    return {.x = dx && !from_output, .y = dx && from_output};
  }
  void forward(Io<Scalar>& io) const override {
    thread_pool().each(io.n, [&](Index i, Index) {
      ops::apply_activation<Scalar>(activation_, io.x[0].sample(i), io.y.sample(i), io.y.sample_size());
    });
  }
  void backward(Io<Scalar>& io) const override {
    if (!io.dx[0]) return;
    const bool from_output = ops::gradient_from_output(activation_);
    thread_pool().each(io.n, [&](Index i, Index) {
      const Scalar* known = from_output ? io.y.sample(i) : io.x[0].sample(i);
      ops::activation_gradient<Scalar>(activation_, known, io.dy.sample(i), io.dx[0].sample(i), io.dy.sample_size());
    });
  }

 private:
  ops::Activation activation_;
  std::string name_;
};

}  // namespace graft::steps
