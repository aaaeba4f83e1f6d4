#pragma once
#include <graft/layers/affine_layer.hpp>
#include <graft/steps/dense.hpp>

namespace graft::layers {

struct DenseOptions {
  graft::Activation activation = {};
  bool use_bias = true;
  Initializer kernel_initializer = "glorot_uniform";
  Initializer bias_initializer = "zeros";
  Regularizer kernel_regularizer = {};
  Regularizer bias_regularizer = {};
  Regularizer activity_regularizer = {};
  Constraint kernel_constraint = {};
  Constraint bias_constraint = {};
  std::string name = {};  ///< empty: "dense", "dense_1", ...
  bool trainable = true;
};

/// y = activation(x . kernel + bias), applied to the last axis.
/// Input (batch, .., inputs), output (batch, .., units). Variables: kernel (inputs, units), bias (units).
/// Throws ArgumentError if units < 1, ShapeError if the last axis is unknown or changes after the first call.
template <class Scalar = float>
class Dense final : public AffineLayer<Scalar, DenseOptions> {
  using AffineLayer<Scalar, DenseOptions>::options_;

 public:
  explicit Dense(Index units, DenseOptions options = {})
      : AffineLayer<Scalar, DenseOptions>("Dense", std::move(options)), units_(units) {
    if (units < 1) raise<ArgumentError>(this->who(), ": units must be at least 1, got ", units, ".");
    kernel_ = this->add_weight("kernel",
                               {.regularizer = options_.kernel_regularizer, .constraint = options_.kernel_constraint});
    this->add_bias();
  }

  std::string class_name() const override { return "Dense"; }
  std::shared_ptr<Layer<Scalar>> share() const override { return std::make_shared<Dense>(*this); }
  const Variable<Scalar>& kernel() const { return *kernel_; }

  void build(const Shape& in) const override {
    this->initialize(*kernel_, {in.back(), units_}, options_.kernel_initializer);
    this->build_bias(units_);
  }
  Shape compute_output_shape(const Shape& in) const override {
    this->require_rank(in, 2, Shape::max_rank, "(batch, .., inputs)");
    this->require_last_axis(in, kernel_->allocated() ? kernel_->shape()[0] : in.back());
    return in.with_back(units_);
  }
  std::vector<ValueId> lower(Builder<Scalar>& builder, const std::vector<ValueId>& in) const override {
    return {this->lower_output(builder, builder.template step<steps::Dense<Scalar>>(in, *kernel_))};
  }
  void config(ConfigVisitor& c) const override {
    Index units = units_;
    DenseOptions options = this->identified(options_);
    fields(c, units, options);
  }
  static Dense from_config(ConfigVisitor& c) {
    Index units = 0;
    DenseOptions options;
    fields(c, units, options);
    return Dense(units, options);
  }

 private:
  static void fields(ConfigVisitor& c, Index& units, DenseOptions& o) {
    c("name", o.name);
    c("trainable", o.trainable);
    c("units", units);
    c("activation", o.activation);
    c("use_bias", o.use_bias);
    c("kernel_initializer", o.kernel_initializer);
    c("bias_initializer", o.bias_initializer);
    c("kernel_regularizer", o.kernel_regularizer);
    c("bias_regularizer", o.bias_regularizer);
    if (c.reading() || o.activity_regularizer) c("activity_regularizer", o.activity_regularizer);
    c("kernel_constraint", o.kernel_constraint);
    c("bias_constraint", o.bias_constraint);
  }

  Index units_;
  std::optional<Variable<Scalar>> kernel_;
};

}  // namespace graft::layers
