#pragma once
#include <graft/layers/base_conv.hpp>

namespace graft::layers {

using Conv1DOptions = ConvOptions<Index>;

/// y = activation(x * kernel + bias), a cross-correlation over the steps.
/// Input (batch, steps, channels), output (batch, new steps, filters) where n steps become
/// floor((n - (kernel - 1) dilation - 1) / stride) + 1 with "valid" padding and ceil(n / stride) with "same" and
/// "causal"; with "causal", output i sees no input after i stride.
/// Variables: kernel (kernel, channels / groups, filters), bias (filters).
/// Throws ArgumentError for an option outside its rule, ShapeError if the input has other axes or the window does not
/// fit. Source: keras/src/layers/convolutional/conv1d.py.
template <class Scalar = float>
class Conv1D final : public BaseConv<Scalar, Index> {
 public:
  Conv1D(Index filters, Index kernel_size, Conv1DOptions options = {})
      : BaseConv<Scalar, Index>("Conv1D", filters, kernel_size, std::move(options)) {}

  std::string class_name() const override { return "Conv1D"; }
  std::shared_ptr<Layer<Scalar>> share() const override { return std::make_shared<Conv1D>(*this); }
  static Conv1D from_config(ConfigVisitor& c) { return BaseConv<Scalar, Index>::template read<Conv1D>(c); }
};

}  // namespace graft::layers
