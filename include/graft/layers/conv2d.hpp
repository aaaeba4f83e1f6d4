#pragma once
#include <graft/layers/convolution_window.hpp>
#include <graft/layers/layer.hpp>
#include <graft/layers/lower_activation.hpp>
#include <graft/steps/conv2d.hpp>

namespace graft::layers {

struct Conv2DOptions {
  Size2D strides = 1;
  std::string padding = "valid";
  std::string data_format = "channels_last";
  Size2D dilation_rate = 1;
  Index groups = 1;
  graft::Activation activation = {};
  bool use_bias = true;
  Initializer kernel_initializer = "glorot_uniform";
  Initializer bias_initializer = "zeros";
  Regularizer kernel_regularizer = {};
  Regularizer bias_regularizer = {};
  Regularizer activity_regularizer = {};
  Constraint kernel_constraint = {};
  Constraint bias_constraint = {};
  std::string name = {};  ///< empty: "conv2d", "conv2d_1", ...
  bool trainable = true;
};

/// y = activation(x * kernel + bias), a cross-correlation over height and width.
/// Input (batch, height, width, channels), output (batch, new height, new width, filters) where an axis of n becomes
/// floor((n - (kernel - 1) dilation - 1) / stride) + 1 with "valid" padding and ceil(n / stride) with "same".
/// Variables: kernel (kernel height, kernel width, channels / groups, filters), bias (filters).
/// Throws ArgumentError for an option outside its rule, ShapeError if the input has other axes or the window does not
/// fit. Source: keras/src/layers/convolutional/conv2d.py.
template <class Scalar = float>
class Conv2D final : public Layer<Scalar> {
 public:
  Conv2D(Index filters, Size2D kernel_size, Conv2DOptions options = {})
      : filters_(filters), kernel_size_(kernel_size), options_(std::move(options)) {
    this->set_identity(options_.name, class_name(), options_.trainable);
    require_at_least_one("filters", filters_, this->who());
    if (options_.groups < 1 || filters_ % options_.groups != 0)
      raise<ArgumentError>(this->who(), ": filters = ", filters_, " must be a multiple of groups = ", options_.groups, ".");
    window_ = convolution_window(kernel_size_, options_, this->who());
    kernel_ = this->add_weight("kernel", {.regularizer = options_.kernel_regularizer, .constraint = options_.kernel_constraint});
    if (options_.use_bias)
      bias_ = this->add_weight("bias", {.regularizer = options_.bias_regularizer, .constraint = options_.bias_constraint});
  }

  std::string class_name() const override { return "Conv2D"; }
  std::shared_ptr<Layer<Scalar>> share() const override { return std::make_shared<Conv2D>(*this); }
  const Variable<Scalar>& kernel() const { return *kernel_; }
  /// Nothing with use_bias = false.
  const std::optional<Variable<Scalar>>& bias() const { return bias_; }

  void build(const Shape& in) const override {
    const Shape kernel{kernel_size_.height, kernel_size_.width, in.back() / options_.groups, filters_};
    this->initialize(*kernel_, kernel, options_.kernel_initializer);
    if (bias_) this->initialize(*bias_, {filters_}, options_.bias_initializer);
  }
  Shape compute_output_shape(const Shape& in) const override {
    this->require_rank(in, 4, 4, "(batch, height, width, channels)");
    this->require_last_axis(in, kernel_->allocated() ? kernel_->shape()[2] * options_.groups : in.back());
    if (in.back() % options_.groups != 0)
      raise<ShapeError>(this->who(), ": the ", in.back(), " channels of its input ", in, " are not a multiple of groups = ",
                        options_.groups, ".");
    return convolution_output_shape(window_, in, filters_, this->who());
  }
  std::vector<ValueId> lower(Builder<Scalar>& builder, const std::vector<ValueId>& in) const override {
    const ValueId product = builder.template step<steps::Conv2D<Scalar>>(in, *kernel_, window_, options_.groups);
    return {lower_penalty(builder, lower_bias_and_activation(builder, product, bias_, options_.activation),
                          options_.activity_regularizer)};
  }
  void config(ConfigVisitor& c) const override {
    Index filters = filters_;
    Size2D kernel_size = kernel_size_;
    Conv2DOptions options = this->identified(options_);
    fields(c, filters, kernel_size, options);
  }
  static Conv2D from_config(ConfigVisitor& c) {
    Index filters = 0;
    Size2D kernel_size = 1;
    Conv2DOptions options;
    fields(c, filters, kernel_size, options);
    return Conv2D(filters, kernel_size, options);
  }

 private:
  static void fields(ConfigVisitor& c, Index& filters, Size2D& kernel_size, Conv2DOptions& o) {
    c("name", o.name);
    c("trainable", o.trainable);
    c("filters", filters);
    c("kernel_size", kernel_size);
    c("strides", o.strides);
    c("padding", o.padding);
    c("data_format", o.data_format);
    c("dilation_rate", o.dilation_rate);
    c("groups", o.groups);
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
  Conv2DOptions options_;
  ops::Window2D window_;
  std::optional<Variable<Scalar>> kernel_, bias_;
};

}  // namespace graft::layers
