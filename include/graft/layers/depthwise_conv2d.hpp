#pragma once
#include <graft/layers/convolution_window.hpp>
#include <graft/layers/layer.hpp>
#include <graft/layers/lower_activation.hpp>
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
class DepthwiseConv2D final : public Layer<Scalar> {
 public:
  explicit DepthwiseConv2D(Size2D kernel_size, DepthwiseConv2DOptions options = {})
      : kernel_size_(kernel_size), options_(std::move(options)) {
    this->set_identity(options_.name, class_name(), options_.trainable);
    require_at_least_one("depth_multiplier", options_.depth_multiplier, this->who());
    window_ = convolution_window(kernel_size_, options_, this->who());
    kernel_ = this->add_weight(
        "kernel", {.regularizer = options_.depthwise_regularizer, .constraint = options_.depthwise_constraint});
    if (options_.use_bias)
      bias_ =
          this->add_weight("bias", {.regularizer = options_.bias_regularizer, .constraint = options_.bias_constraint});
  }

  std::string class_name() const override { return "DepthwiseConv2D"; }
  std::shared_ptr<Layer<Scalar>> share() const override { return std::make_shared<DepthwiseConv2D>(*this); }
  const Variable<Scalar>& kernel() const { return *kernel_; }
  /// Nothing with use_bias = false.
  const std::optional<Variable<Scalar>>& bias() const { return bias_; }

  void build(const Shape& in) const override {
    const Shape kernel{kernel_size_.height, kernel_size_.width, in.back(), options_.depth_multiplier};
    this->initialize(*kernel_, kernel, options_.depthwise_initializer);
    if (bias_) this->initialize(*bias_, {in.back() * options_.depth_multiplier}, options_.bias_initializer);
  }
  Shape compute_output_shape(const Shape& in) const override {
    this->require_rank(in, 4, 4, "(batch, height, width, channels)");
    this->require_last_axis(in, kernel_->allocated() ? kernel_->shape()[2] : in.back());
    return window_output_shape("kernel", kernel_size_, window_, in, in.back() * options_.depth_multiplier, this->who());
  }
  std::vector<ValueId> lower(Builder<Scalar>& builder, const std::vector<ValueId>& in) const override {
    const ValueId product = builder.template step<steps::DepthwiseConv2D<Scalar>>(in, *kernel_, window_);
    return {lower_penalty(builder, lower_bias_and_activation(builder, product, bias_, options_.activation),
                          options_.activity_regularizer)};
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
  DepthwiseConv2DOptions options_;
  ops::Window2D window_;
  std::optional<Variable<Scalar>> kernel_, bias_;
};

}  // namespace graft::layers
