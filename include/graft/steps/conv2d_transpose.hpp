#pragma once
#include <graft/ops/conv2d.hpp>
#include <graft/ops/transposed_window.hpp>
#include <graft/steps/product.hpp>

namespace graft::steps {

/// A transposed 2-D convolution: the gradient with respect to the input of the convolution that has the same kernel
/// (kernel height, kernel width, filters, channels), and backward is that convolution.
template <class Scalar>
class Conv2DTranspose final : public ProductStep<Scalar> {
 public:
  using typename Op<Scalar>::Shapes;

  Conv2DTranspose(Variable<Scalar> kernel, const ops::TransposedWindow2D& window)
      : ProductStep<Scalar>(std::move(kernel)),
        window_(window),
        convolution_({.window = window.window, .channels = filters(), .filters = this->kernel().shape()[-1]}) {}

  std::string kind() const override { return "conv2d_transpose"; }
  Shape shape(Shapes in) const override { return window_.output_shape(in[0], filters()); }
  double flops(Shapes in, const Shape&) const override {
    const Index pixels = in[0].elements() / in[0].back();
    return 2.0 * static_cast<double>(this->kernel().size()) * static_cast<double>(pixels);
  }
  Index work_bytes(Shapes, const Shape& out, Direction direction) const override {
    const Index elements = direction == Direction::forward ? convolution_.backward_input_work_size(out)
                                                           : std::max(convolution_.forward_work_size(out),
                                                                      convolution_.backward_kernel_work_size(out));
    return elements * static_cast<Index>(sizeof(Scalar));
  }
  Index packed_bytes(Direction direction) const override {
    if (direction == Direction::backward) return this->aligned(convolution_.packed_size());
    return this->aligned(convolution_.packed_gradient_size()) + this->shift_bytes();
  }
  void pack(Direction direction, void* to) const override {
    auto* packed = static_cast<Scalar*>(to);
    this->with_folded_kernel([&](const Scalar* kernel) {
      if (direction == Direction::forward)
        convolution_.pack_gradient(kernel, packed);
      else
        convolution_.pack(kernel, packed);
    });
    if (direction == Direction::forward) this->write_shift(packed + convolution_.packed_gradient_size());
  }

  void forward(Io<Scalar>& io) const override {
    const auto* packed = static_cast<const Scalar*>(io.packed);
    convolution_.backward_input(io.x[0], packed, io.y, static_cast<Scalar*>(io.work),
                                this->kernel_epilogue(packed + convolution_.packed_gradient_size()));
  }
  void backward(Io<Scalar>& io) const override {
    this->epilogue_backward(io);
    auto* work = static_cast<Scalar*>(io.work);
    if (io.dx[0]) convolution_.forward(io.dy, static_cast<const Scalar*>(io.packed), io.dx[0], {}, work);
    if (io.dw[0]) convolution_.backward_kernel(io.dy, io.x[0], io.dw[0].data, work);
  }

 private:
  Index filters() const { return this->kernel().shape()[-2]; }
  Index outputs() const override { return filters(); }
  Index output_of(Index element) const override { return element / this->kernel().shape()[-1] % filters(); }
  std::uint64_t own_attributes() const override {
    std::uint64_t h = window_.output_padding.has_value();
    for (const auto& axis : {window_.window.height, window_.window.width})
      for (const Index n : {axis.stride, axis.dilation, static_cast<Index>(axis.padding)})
        h = mix(h, static_cast<std::uint64_t>(n));
    const Size2D padding = window_.output_padding.value_or(Size2D(0));
    return mix(mix(h, static_cast<std::uint64_t>(padding.height)), static_cast<std::uint64_t>(padding.width));
  }

  ops::TransposedWindow2D window_;
  ops::Conv2D<Scalar> convolution_;
};

}  // namespace graft::steps
