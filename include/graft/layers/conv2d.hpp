#pragma once
#include <graft/layers/base_conv.hpp>

namespace graft::layers {

using Conv2DOptions = ConvOptions<Size2D>;

/// y = activation(x * kernel + bias), a cross-correlation over height and width.
/// Input (batch, height, width, channels), output (batch, new height, new width, filters) where an axis of n becomes
/// floor((n - (kernel - 1) dilation - 1) / stride) + 1 with "valid" padding and ceil(n / stride) with "same".
/// Variables: kernel (kernel height, kernel width, channels / groups, filters), bias (filters).
/// Throws ArgumentError for an option outside its rule, ShapeError if the input has other axes or the window does not
/// fit. Source: keras/src/layers/convolutional/conv2d.py.
template <class Scalar = float>
class Conv2D final : public BaseConv<Scalar, Size2D> {
 public:
  Conv2D(Index filters, Size2D kernel_size, Conv2DOptions options = {})
      : BaseConv<Scalar, Size2D>("Conv2D", filters, kernel_size, std::move(options)) {}

  std::string class_name() const override { return "Conv2D"; }
  std::shared_ptr<Layer<Scalar>> share() const override { return std::make_shared<Conv2D>(*this); }
  static Conv2D from_config(ConfigVisitor& c) { return BaseConv<Scalar, Size2D>::template read<Conv2D>(c); }
};

}  // namespace graft::layers
