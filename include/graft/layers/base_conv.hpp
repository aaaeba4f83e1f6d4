#pragma once
#include <graft/layers/affine_layer.hpp>
#include <graft/layers/convolution_window.hpp>
#include <graft/steps/conv2d.hpp>

namespace graft::layers {

template <class Size>
struct ConvOptions {
  Size strides = 1;
  std::string padding = "valid";  ///< Conv1D also: "causal"
  std::string data_format = "channels_last";
  Size dilation_rate = 1;
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
  std::string name = {};  ///< empty: by the class, "conv2d", "conv2d_1", ...
  bool trainable = true;
};

/// What Conv1D and Conv2D share. Source: keras/src/layers/convolutional/base_conv.py.
template <class Scalar, class Size>
class BaseConv : public AffineLayer<Scalar, ConvOptions<Size>> {
  using AffineLayer<Scalar, ConvOptions<Size>>::options_;
  using Space = Spatial<Size>;

 public:
  const Variable<Scalar>& kernel() const { return *kernel_; }

  void build(const Shape& in) const override {
    this->initialize(*kernel_, Space::kernel_shape(kernel_size_, in.back() / options_.groups, filters_),
                     options_.kernel_initializer);
    this->build_bias(filters_);
  }
  Shape compute_output_shape(const Shape& in) const override {
    this->require_rank(in, Space::rank, Space::rank, Space::axes);
    this->require_last_axis(in, kernel_->allocated() ? kernel_->shape()[-2] * options_.groups : in.back());
    if (in.back() % options_.groups != 0)
      raise<ShapeError>(this->who(), ": the ", in.back(), " channels of its input ", in,
                        " are not a multiple of groups = ", options_.groups, ".");
    return window_output_shape("kernel", kernel_size_, window_, in, filters_, this->who());
  }
  std::vector<ValueId> lower(Builder<Scalar>& builder, const std::vector<ValueId>& in) const override {
    const ValueId product = builder.template step<steps::Conv2D<Scalar>>({Space::to_image(builder, in[0])}, *kernel_,
                                                                         window_, options_.groups);
    return {Space::from_image(builder, this->lower_output(builder, product))};
  }
  void config(ConfigVisitor& c) const override {
    Index filters = filters_;
    Size kernel_size = kernel_size_;
    ConvOptions<Size> options = this->identified(options_);
    fields(c, filters, kernel_size, options);
  }

 protected:
  BaseConv(const std::string& class_name, Index filters, Size kernel_size, ConvOptions<Size> options)
      : AffineLayer<Scalar, ConvOptions<Size>>(class_name, std::move(options)),
        filters_(filters),
        kernel_size_(kernel_size) {
    const std::string who = class_name + " '" + this->name() + "'";
    require_at_least_one("filters", filters_, who);
    if (options_.groups < 1 || filters_ % options_.groups != 0)
      raise<ArgumentError>(who, ": filters = ", filters_, " must be a multiple of groups = ", options_.groups, ".");
    window_ = convolution_window(kernel_size_, options_, who, std::is_same_v<Size, Index>);
    kernel_ = this->add_weight("kernel",
                               {.regularizer = options_.kernel_regularizer, .constraint = options_.kernel_constraint});
    this->add_bias();
  }

  template <class L>
  static L read(ConfigVisitor& c) {
    Index filters = 0;
    Size kernel_size = 1;
    ConvOptions<Size> options;
    fields(c, filters, kernel_size, options);
    return L(filters, kernel_size, options);
  }

 private:
  static void fields(ConfigVisitor& c, Index& filters, Size& kernel_size, ConvOptions<Size>& o) {
    c("name", o.name);
    c("trainable", o.trainable);
    c("filters", filters);
    Space::visit(c, "kernel_size", kernel_size);
    Space::visit(c, "strides", o.strides);
    c("padding", o.padding);
    c("data_format", o.data_format);
    Space::visit(c, "dilation_rate", o.dilation_rate);
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
  Size kernel_size_;
  ops::Window2D window_;
  std::optional<Variable<Scalar>> kernel_;
};

}  // namespace graft::layers
