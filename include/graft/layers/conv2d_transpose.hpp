#pragma once
#include <graft/layers/affine_layer.hpp>
#include <graft/layers/convolution_window.hpp>
#include <graft/steps/conv2d_transpose.hpp>

namespace graft::layers {

struct Conv2DTransposeOptions {
  Size2D strides = 1;
  std::string padding = "valid";
  std::optional<Size2D> output_padding = {};  ///< rows and columns at the end, below strides; empty: as much as fits
  std::string data_format = "channels_last";
  Size2D dilation_rate = 1;
  graft::Activation activation = {};
  bool use_bias = true;
  Initializer kernel_initializer = "glorot_uniform";
  Initializer bias_initializer = "zeros";
  Regularizer kernel_regularizer = {};
  Regularizer bias_regularizer = {};
  Regularizer activity_regularizer = {};
  Constraint kernel_constraint = {};
  Constraint bias_constraint = {};
  std::string name = {};  ///< empty: "conv2d_transpose", "conv2d_transpose_1", ...
  bool trainable = true;
};

/// y = activation(z + bias), where z is the gradient with respect to the input of the Conv2D that has this kernel:
/// every input pixel adds its kernel, times its channels, to a window of the output. Input (batch, height, width,
/// channels), output (batch, new height, new width, filters) where an axis of n becomes (n - 1) stride + max((kernel -
/// 1) dilation + 1, stride) with "valid" padding and n stride with "same"; with output_padding (n - 1) stride + e +
/// output_padding, e = (kernel - 1) dilation + 1 with "valid" and 1 or 0, as e is odd or even, with "same". Variables:
/// kernel (kernel height, kernel width, filters, channels), bias (filters). Throws ArgumentError for an option outside
/// its rule, ShapeError if the input has other axes or no pixel. Source:
/// keras/src/layers/convolutional/conv2d_transpose.py.
template <class Scalar = float>
class Conv2DTranspose final : public AffineLayer<Scalar, Conv2DTransposeOptions> {
  using AffineLayer<Scalar, Conv2DTransposeOptions>::options_;

 public:
  Conv2DTranspose(Index filters, Size2D kernel_size, Conv2DTransposeOptions options = {})
      : AffineLayer<Scalar, Conv2DTransposeOptions>("Conv2DTranspose", std::move(options)),
        filters_(filters),
        kernel_size_(kernel_size) {
    require_at_least_one("filters", filters_, this->who());
    window_ = {convolution_window(kernel_size_, options_, this->who()), options_.output_padding};
    require_output_padding();
    kernel_ = this->add_weight("kernel",
                               {.regularizer = options_.kernel_regularizer, .constraint = options_.kernel_constraint});
    this->add_bias();
  }

  std::string class_name() const override { return "Conv2DTranspose"; }
  std::shared_ptr<Layer<Scalar>> share() const override { return std::make_shared<Conv2DTranspose>(*this); }
  const Variable<Scalar>& kernel() const { return *kernel_; }

  void build(const Shape& in) const override {
    this->initialize(*kernel_, {kernel_size_.height, kernel_size_.width, filters_, in.back()},
                     options_.kernel_initializer);
    this->build_bias(filters_);
  }
  Shape compute_output_shape(const Shape& in) const override {
    this->require_rank(in, 4, 4, "(batch, height, width, channels)");
    this->require_last_axis(in, kernel_->allocated() ? kernel_->shape()[3] : in.back());
    if (in[1] == 0 || in[2] == 0) raise<ShapeError>(this->who(), " needs at least one pixel, got ", in, ".");
    return window_.output_shape(in, filters_);
  }
  std::vector<ValueId> lower(Builder<Scalar>& builder, const std::vector<ValueId>& in) const override {
    const ValueId product = builder.template step<steps::Conv2DTranspose<Scalar>>(in, *kernel_, window_);
    return {this->lower_output(builder, product)};
  }
  void config(ConfigVisitor& c) const override {
    Index filters = filters_;
    Size2D kernel_size = kernel_size_;
    Conv2DTransposeOptions options = this->identified(options_);
    fields(c, filters, kernel_size, options);
  }
  static Conv2DTranspose from_config(ConfigVisitor& c) {
    Index filters = 0;
    Size2D kernel_size = 1;
    Conv2DTransposeOptions options;
    fields(c, filters, kernel_size, options);
    return Conv2DTranspose(filters, kernel_size, options);
  }

 private:
  void require_output_padding() const {
    if (!options_.output_padding) return;
    const auto [height, width] = *options_.output_padding;
    if (height < 0 || width < 0 || height >= options_.strides.height || width >= options_.strides.width)
      raise<ArgumentError>(this->who(), ": output_padding must be at least 0 and below strides = ",
                           Spatial<Size2D>::text(options_.strides), ", got ",
                           Spatial<Size2D>::text(*options_.output_padding), ".");
    if (!window_.fits())
      raise<ArgumentError>(this->who(), ": output_padding = 0 with padding = \"same\" needs an odd kernel, got ",
                           Spatial<Size2D>::text(kernel_size_), ". Leave output_padding out, or make it larger.");
  }
  static void fields(ConfigVisitor& c, Index& filters, Size2D& kernel_size, Conv2DTransposeOptions& o) {
    c("name", o.name);
    c("trainable", o.trainable);
    c("filters", filters);
    c("kernel_size", kernel_size);
    c("strides", o.strides);
    c("padding", o.padding);
    c("output_padding", o.output_padding);
    c("data_format", o.data_format);
    c("dilation_rate", o.dilation_rate);
    c("activation", o.activation);
    c("use_bias", o.use_bias);
    c("kernel_initializer", o.kernel_initializer);
    c("bias_initializer", o.bias_initializer);
    c("kernel_regularizer", o.kernel_regularizer);
    c("bias_regularizer", o.bias_regularizer);
    c("activity_regularizer", o.activity_regularizer);
    c("kernel_constraint", o.kernel_constraint);
    c("bias_constraint", o.bias_constraint);
  }

  Index filters_;
  Size2D kernel_size_;
  ops::TransposedWindow2D window_;
  std::optional<Variable<Scalar>> kernel_;
};

}  // namespace graft::layers
