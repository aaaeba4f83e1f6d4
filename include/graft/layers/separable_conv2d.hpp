#pragma once
#include <graft/layers/affine_layer.hpp>
#include <graft/layers/convolution_window.hpp>
#include <graft/steps/conv2d.hpp>
#include <graft/steps/depthwise_conv2d.hpp>

namespace graft::layers {

struct SeparableConv2DOptions {
  Size2D strides = 1;
  std::string padding = "valid";
  std::string data_format = "channels_last";
  Size2D dilation_rate = 1;
  Index depth_multiplier = 1;  ///< depthwise filters a channel
  graft::Activation activation = {};
  bool use_bias = true;
  Initializer depthwise_initializer = "glorot_uniform";
  Initializer pointwise_initializer = "glorot_uniform";
  Initializer bias_initializer = "zeros";
  Regularizer depthwise_regularizer = {};
  Regularizer pointwise_regularizer = {};
  Regularizer bias_regularizer = {};
  Regularizer activity_regularizer = {};
  Constraint depthwise_constraint = {};
  Constraint pointwise_constraint = {};
  Constraint bias_constraint = {};
  std::string name = {};  ///< empty: "separable_conv2d", "separable_conv2d_1", ...
  bool trainable = true;
};

/// y = activation((x * depthwise_kernel) . pointwise_kernel + bias): a depthwise convolution, then a 1x1 one.
/// Input (batch, height, width, channels), output (batch, new height, new width, filters), height and width as Conv2D
/// has them. Variables: depthwise_kernel (kernel height, kernel width, channels, depth_multiplier), pointwise_kernel
/// (1, 1, channels depth_multiplier, filters), bias (filters).
/// Throws ArgumentError for an option outside its rule, ShapeError if the input has other axes or the window does not
/// fit. Source: keras/src/layers/convolutional/separable_conv2d.py.
template <class Scalar = float>
class SeparableConv2D final : public AffineLayer<Scalar, SeparableConv2DOptions> {
  using AffineLayer<Scalar, SeparableConv2DOptions>::options_;

 public:
  SeparableConv2D(Index filters, Size2D kernel_size, SeparableConv2DOptions options = {})
      : AffineLayer<Scalar, SeparableConv2DOptions>("SeparableConv2D", std::move(options)),
        filters_(filters),
        kernel_size_(kernel_size) {
    require_at_least_one("filters", filters_, this->who());
    require_at_least_one("depth_multiplier", options_.depth_multiplier, this->who());
    window_ = convolution_window(kernel_size_, options_, this->who());
    depthwise_ = this->add_weight("depthwise_kernel", {.regularizer = options_.depthwise_regularizer,
                                                       .constraint = options_.depthwise_constraint});
    pointwise_ = this->add_weight("pointwise_kernel", {.regularizer = options_.pointwise_regularizer,
                                                       .constraint = options_.pointwise_constraint});
    this->add_bias();
  }

  std::string class_name() const override { return "SeparableConv2D"; }
  std::shared_ptr<Layer<Scalar>> share() const override { return std::make_shared<SeparableConv2D>(*this); }

  void build(const Shape& in) const override {
    const Index between = in.back() * options_.depth_multiplier;
    this->initialize(*depthwise_, {kernel_size_.height, kernel_size_.width, in.back(), options_.depth_multiplier},
                     options_.depthwise_initializer);
    this->initialize(*pointwise_, {1, 1, between, filters_}, options_.pointwise_initializer);
    this->build_bias(filters_);
  }
  Shape compute_output_shape(const Shape& in) const override {
    this->require_rank(in, 4, 4, "(batch, height, width, channels)");
    this->require_last_axis(in, depthwise_->allocated() ? depthwise_->shape()[2] : in.back());
    return window_output_shape("kernel", kernel_size_, window_, in, filters_, this->who());
  }
  std::vector<ValueId> lower(Builder<Scalar>& builder, const std::vector<ValueId>& in) const override {
    const ops::Window2D pointwise(1, 1, 1, ops::Padding::valid);
    const ValueId between = builder.template step<steps::DepthwiseConv2D<Scalar>>(in, *depthwise_, window_);
    const ValueId product = builder.template step<steps::Conv2D<Scalar>>({between}, *pointwise_, pointwise, Index{1});
    return {this->lower_output(builder, product)};
  }
  void config(ConfigVisitor& c) const override {
    Index filters = filters_;
    Size2D kernel_size = kernel_size_;
    SeparableConv2DOptions options = this->identified(options_);
    fields(c, filters, kernel_size, options);
  }
  static SeparableConv2D from_config(ConfigVisitor& c) {
    Index filters = 0;
    Size2D kernel_size = 1;
    SeparableConv2DOptions options;
    fields(c, filters, kernel_size, options);
    return SeparableConv2D(filters, kernel_size, options);
  }

 private:
  static void fields(ConfigVisitor& c, Index& filters, Size2D& kernel_size, SeparableConv2DOptions& o) {
    c("name", o.name);
    c("trainable", o.trainable);
    c("depth_multiplier", o.depth_multiplier);
    c("filters", filters);
    c("kernel_size", kernel_size);
    c("strides", o.strides);
    c("padding", o.padding);
    c("data_format", o.data_format);
    c("dilation_rate", o.dilation_rate);
    c("activation", o.activation);
    c("use_bias", o.use_bias);
    c("depthwise_initializer", o.depthwise_initializer);
    c("pointwise_initializer", o.pointwise_initializer);
    c("bias_initializer", o.bias_initializer);
    c("depthwise_regularizer", o.depthwise_regularizer);
    c("pointwise_regularizer", o.pointwise_regularizer);
    c("bias_regularizer", o.bias_regularizer);
    c("activity_regularizer", o.activity_regularizer);
    c("depthwise_constraint", o.depthwise_constraint);
    c("pointwise_constraint", o.pointwise_constraint);
    c("bias_constraint", o.bias_constraint);
  }

  Index filters_;
  Size2D kernel_size_;
  ops::Window2D window_;
  std::optional<Variable<Scalar>> depthwise_, pointwise_;
};

}  // namespace graft::layers
