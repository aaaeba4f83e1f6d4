#pragma once
#include <graft/layers/affine_layer.hpp>
#include <graft/layers/convolution_window.hpp>
#include <graft/steps/depthwise_conv2d.hpp>

namespace graft::layers {

struct DepthwiseConv2DOptions {
  Size2D strides = 1;
  std::string padding = "valid";
  Index depth_multiplier = 1;  ///< filters a channel
  std::string data_format = "channels_last";
  Size2D dilation_rate = 1;
  graft::Activation activation = {};
  bool use_bias = true;
  Initializer depthwise_initializer = "glorot_uniform";
  Initializer bias_initializer = "zeros";
  Regularizer depthwise_regularizer = {};
  Regularizer bias_regularizer = {};
  Regularizer activity_regularizer = {};
  Constraint depthwise_constraint = {};
  Constraint bias_constraint = {};
  std::string name = {};  ///< empty: "depthwise_conv2d", "depthwise_conv2d_1", ...
  bool trainable = true;
};

/// y = activation(x * kernel + bias), every channel by itself: output channel c depth_multiplier + j is channel c under
/// its kernel j. Input (batch, height, width, channels), output (batch, new height, new width, channels
/// depth_multiplier), height and width as Conv2D has them.
/// Variables: kernel (kernel height, kernel width, channels, depth_multiplier), bias (channels depth_multiplier).
/// Throws ArgumentError for an option outside its rule, ShapeError if the input has other axes or the window does not
/// fit. Source: keras/src/layers/convolutional/depthwise_conv2d.py.
template <class Scalar = float>
class DepthwiseConv2D final : public AffineLayer<Scalar, DepthwiseConv2DOptions> {
  using AffineLayer<Scalar, DepthwiseConv2DOptions>::options_;

 public:
  explicit DepthwiseConv2D(Size2D kernel_size, DepthwiseConv2DOptions options = {})
      : AffineLayer<Scalar, DepthwiseConv2DOptions>("DepthwiseConv2D", std::move(options)), kernel_size_(kernel_size) {
    require_at_least_one("depth_multiplier", options_.depth_multiplier, this->who());
    window_ = convolution_window(kernel_size_, options_, this->who());
    kernel_ = this->add_weight(
        "kernel", {.regularizer = options_.depthwise_regularizer, .constraint = options_.depthwise_constraint});
    this->add_bias();
  }

  std::string class_name() const override { return "DepthwiseConv2D"; }
  std::shared_ptr<Layer<Scalar>> share() const override { return std::make_shared<DepthwiseConv2D>(*this); }
  const Variable<Scalar>& kernel() const { return *kernel_; }

  void build(const Shape& in) const override {
    const Shape kernel{kernel_size_.height, kernel_size_.width, in.back(), options_.depth_multiplier};
    this->initialize(*kernel_, kernel, options_.depthwise_initializer);
    this->build_bias(in.back() * options_.depth_multiplier);
  }
  Shape compute_output_shape(const Shape& in) const override {
    this->require_rank(in, 4, 4, "(batch, height, width, channels)");
    this->require_last_axis(in, kernel_->allocated() ? kernel_->shape()[2] : in.back());
    return window_output_shape("kernel", kernel_size_, window_, in, in.back() * options_.depth_multiplier, this->who());
  }
  std::vector<ValueId> lower(Builder<Scalar>& builder, const std::vector<ValueId>& in) const override {
    const ValueId product = builder.template step<steps::DepthwiseConv2D<Scalar>>(in, *kernel_, window_);
    return {this->lower_output(builder, product)};
  }
  void config(ConfigVisitor& c) const override {
    Size2D kernel_size = kernel_size_;
    DepthwiseConv2DOptions options = this->identified(options_);
    fields(c, kernel_size, options);
  }
  static DepthwiseConv2D from_config(ConfigVisitor& c) {
    Size2D kernel_size = 1;
    DepthwiseConv2DOptions options;
    fields(c, kernel_size, options);
    return DepthwiseConv2D(kernel_size, options);
  }

 private:
  static void fields(ConfigVisitor& c, Size2D& kernel_size, DepthwiseConv2DOptions& o) {
    c("name", o.name);
    c("trainable", o.trainable);
    c("depth_multiplier", o.depth_multiplier);
    c("kernel_size", kernel_size);
    c("strides", o.strides);
    c("padding", o.padding);
    c("data_format", o.data_format);
    c("dilation_rate", o.dilation_rate);
    c("activation", o.activation);
    c("use_bias", o.use_bias);
    c("depthwise_initializer", o.depthwise_initializer);
    c("bias_initializer", o.bias_initializer);
    c("depthwise_regularizer", o.depthwise_regularizer);
    c("bias_regularizer", o.bias_regularizer);
    c("activity_regularizer", o.activity_regularizer);
    c("depthwise_constraint", o.depthwise_constraint);
    c("bias_constraint", o.bias_constraint);
  }

  Size2D kernel_size_;
  ops::Window2D window_;
  std::optional<Variable<Scalar>> kernel_;
};

}  // namespace graft::layers
