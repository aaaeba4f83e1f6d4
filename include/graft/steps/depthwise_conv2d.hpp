#pragma once
#include <graft/ops/depthwise_conv2d.hpp>
#include <graft/steps/product.hpp>

namespace graft::steps {

/// y = x * kernel, every channel by itself; kernel (kernel height, kernel width, channels, multiplier).
template <class Scalar>
class DepthwiseConv2D final : public ProductStep<Scalar> {
 public:
  using typename Op<Scalar>::Shapes;

  DepthwiseConv2D(Variable<Scalar> kernel, const ops::Window2D& window)
      : ProductStep<Scalar>(std::move(kernel)),
        convolution_(window, this->kernel().shape()[2], this->kernel().shape()[3]) {}

  std::string kind() const override { return "depthwise_conv2d"; }
  Shape shape(Shapes in) const override { return convolution_.output_shape(in[0]); }
  double flops(Shapes, const Shape& out) const override {
    return 2.0 * static_cast<double>(convolution_.window().taps()) * static_cast<double>(out.elements());
  }
  /// The kernel as folding scales it, and the shift.
  Index packed_bytes(Direction direction) const override {
    return this->aligned(this->kernel().size()) + (direction == Direction::forward ? this->shift_bytes() : 0);
  }
  void pack(Direction direction, void* to) const override {
    auto* packed = static_cast<Scalar*>(to);
    this->with_folded_kernel([&](const Scalar* kernel) { std::copy_n(kernel, this->kernel().size(), packed); });
    if (direction == Direction::forward) this->write_shift(packed + this->kernel().size());
  }

  void forward(Io<Scalar>& io) const override {
    const auto* packed = static_cast<const Scalar*>(io.packed);
    convolution_.forward(io.x[0], packed, io.y, this->kernel_epilogue(packed + this->kernel().size()));
  }
  void backward(Io<Scalar>& io) const override {
    this->epilogue_backward(io);
    if (io.dx[0]) convolution_.backward_input(io.dy, static_cast<const Scalar*>(io.packed), io.dx[0]);
    if (io.dw[0]) convolution_.backward_kernel(io.x[0], io.dy, io.dw[0].data);
  }

 private:
  Index outputs() const override { return this->kernel().shape()[2] * this->kernel().shape()[3]; }
  std::uint64_t own_attributes() const override {
    std::uint64_t h = 0;
    for (const auto& axis : {convolution_.window().height, convolution_.window().width})
      for (const Index n : {axis.stride, axis.dilation, static_cast<Index>(axis.padding)})
        h = mix(h, static_cast<std::uint64_t>(n));
    return h;
  }

  ops::DepthwiseConv2D<Scalar> convolution_;
};

}  // namespace graft::steps
