#pragma once
#include <graft/layers/affine_normalization.hpp>
#include <graft/layers/joined_axes.hpp>
#include <graft/steps/layer_normalization.hpp>

namespace graft::layers {

struct LayerNormalizationOptions {
  Axes axis = -1;            ///< the axis or axes to normalize over
  double epsilon = 1e-3;     ///< added to the variance
  bool center = true;        ///< beta; never with rms_scaling
  bool scale = true;         ///< gamma; always with rms_scaling
  bool rms_scaling = false;  ///< y = gamma x / sqrt(variance + epsilon), without the mean; Keras calls it deprecated
  Initializer beta_initializer = "zeros";
  Initializer gamma_initializer = "ones";
  Regularizer beta_regularizer = {};
  Regularizer gamma_regularizer = {};
  Constraint beta_constraint = {};
  Constraint gamma_constraint = {};
  std::string name = {};  ///< empty: "layer_normalization", "layer_normalization_1", ...
  bool trainable = true;
};

/// y = gamma (x - mean) / sqrt(variance + epsilon) + beta, with the mean and the (biased) variance of each sample over
/// the axes `axis`, for every place on the other axes by itself. The same in training and inference.
/// Input and output (batch, ..). Variables, with the lengths of the axes as their shape: gamma, beta.
/// Throws ArgumentError for an option outside its rule, ShapeError if an axis is the batch, twice there, unknown or
/// changes. Source: Ba, Kiros and Hinton 2016, keras/src/layers/normalization/layer_normalization.py.
template <class Scalar = float>
class LayerNormalization final : public AffineNormalization<Scalar, LayerNormalizationOptions> {
  using Base = AffineNormalization<Scalar, LayerNormalizationOptions>;

 public:
  explicit LayerNormalization(LayerNormalizationOptions options = {})
      : Base("LayerNormalization", options, options.scale || options.rms_scaling,
             options.center && !options.rms_scaling) {
    require_an_axis(options.axis, this->who());
  }

  std::string class_name() const override { return "LayerNormalization"; }
  std::shared_ptr<Layer<Scalar>> share() const override { return std::make_shared<LayerNormalization>(*this); }

  void build(const Shape& in) const override { this->build_affine(lengths(in)); }
  Shape compute_output_shape(const Shape& in) const override {
    this->require_rank(in, 2, Shape::max_rank, "(batch, ..)");
    sample_axes(in, this->options().axis, this->who());
    this->require_affine_shape(lengths(in), in);
    return in;
  }
  std::vector<ValueId> lower(Builder<Scalar>& builder, const std::vector<ValueId>& in) const override {
    const auto scale_only = this->options().rms_scaling ? ops::ScaleOnly::yes : ops::ScaleOnly::no;
    return {on_joined_axes(builder, in[0], sample_axes(builder.shape(in[0]), this->options().axis, this->who()),
                           [&](ValueId x, ops::AxisRange axes) {
                             return builder.template step<steps::LayerNormalization<Scalar>>(
                                 {x}, axes, this->options().epsilon, scale_only, this->affine());
                           })};
  }
  void config(ConfigVisitor& c) const override {
    LayerNormalizationOptions options = this->identified(this->options());
    fields(c, options);
  }
  static LayerNormalization from_config(ConfigVisitor& c) {
    LayerNormalizationOptions options;
    fields(c, options);
    return LayerNormalization(options);
  }

 private:
  static void fields(ConfigVisitor& c, LayerNormalizationOptions& o) {
    c("name", o.name);
    c("trainable", o.trainable);
    c("axis", o.axis);
    c("epsilon", o.epsilon);
    c("center", o.center);
    c("scale", o.scale);
    c("rms_scaling", o.rms_scaling);
    Base::initializer_fields(c, o);
    Base::penalty_fields(c, o);
  }
  /// The shape of gamma and beta: Keras sorts the axes as they are given, so that -1 comes before 1. Their elements are
  /// in the order of the input's axes all the same.
  Shape lengths(const Shape& in) const {
    Shape shape;
    for (const Index axis : this->options().axis.sorted()) shape.push_back(this->known_axis(in, axis));
    return shape;
  }
};

}  // namespace graft::layers
