#pragma once
#include <graft/ops/conv2d.hpp>
#include <graft/steps/product.hpp>

namespace graft::steps {

/// A 2-D convolution; kernel (.., channels / groups, filters), for each place of the window.
template <class Scalar>
class Conv2D final : public ProductStep<Scalar> {
 public:
  using typename Op<Scalar>::Shapes;

  Conv2D(Variable<Scalar> kernel, const ops::Window2D& window, Index groups)
      : ProductStep<Scalar>(std::move(kernel)),
        convolution_({.window = window,
                      .channels = this->kernel().shape()[-2] * groups,
                      .filters = this->kernel().shape()[-1],
                      .groups = groups}) {}

  std::string kind() const override { return "conv2d"; }
  Shape shape(Shapes in) const override {
    const Shape out = convolution_.output_shape(in[0]);
    if (!this->epilogue().max_pool) return out;
    return ops::Window2D(2, 2, 1, ops::Padding::valid).output_shape(out, out[3]);
  }
  double flops(Shapes in, const Shape&) const override {
    const Index products = this->kernel().size() / this->kernel().shape().back();
    return 2.0 * static_cast<double>(products) * static_cast<double>(convolution_.output_shape(in[0]).elements());
  }
  bool takes_max_pool() const override {
    return convolution_.takes_max_pool() && this->kernel_epilogue(nullptr).in_registers();
  }
  Index work_bytes(Shapes in, const Shape&, Direction direction) const override {
    const Index elements = direction == Direction::forward ? convolution_.forward_work_size(in[0])
                                                           : std::max(convolution_.backward_input_work_size(in[0]),
                                                                      convolution_.backward_kernel_work_size(in[0]));
    return elements * static_cast<Index>(sizeof(Scalar));
  }
  Index packed_bytes(Direction direction) const override {
    if (direction == Direction::backward) return this->aligned(convolution_.packed_gradient_size());
    return this->aligned(convolution_.packed_size()) + this->shift_bytes();
  }
  void pack(Direction direction, void* to) const override {
    auto* packed = static_cast<Scalar*>(to);
    this->with_folded_kernel([&](const Scalar* kernel) {
      if (direction == Direction::forward)
        convolution_.pack(kernel, packed);
      else
        convolution_.pack_gradient(kernel, packed);
    });
    if (direction == Direction::forward) this->write_shift(packed + convolution_.packed_size());
  }

  void forward(Io<Scalar>& io) const override {
    const auto* packed = static_cast<const Scalar*>(io.packed);
    convolution_.forward(io.x[0], packed, io.y, this->kernel_epilogue(packed + convolution_.packed_size()),
                         static_cast<Scalar*>(io.work));
  }
  void backward(Io<Scalar>& io) const override {
    this->epilogue_backward(io);
    auto* work = static_cast<Scalar*>(io.work);
    if (io.dx[0]) convolution_.backward_input(io.dy, static_cast<const Scalar*>(io.packed), io.dx[0], work);
    if (io.dw[0]) convolution_.backward_kernel(io.x[0], io.dy, io.dw[0].data, work);
  }

 private:
  std::uint64_t own_attributes() const override {
    std::uint64_t h = static_cast<std::uint64_t>(convolution_.geometry().groups);
    for (const auto& axis : {convolution_.geometry().window.height, convolution_.geometry().window.width})
      for (const Index n : {axis.stride, axis.dilation, static_cast<Index>(axis.padding)})
        h = mix(h, static_cast<std::uint64_t>(n));
    return h;
  }

  ops::Conv2D<Scalar> convolution_;
};

}  // namespace graft::steps
