#pragma once
#include <graft/layers/affine_normalization.hpp>
#include <graft/steps/batch_normalization.hpp>

namespace graft::layers {

struct BatchNormalizationOptions {
  Index axis = -1;         ///< the channels
  double momentum = 0.99;  ///< of the moving statistics
  double epsilon = 1e-3;   ///< added to the variance
  bool center = true;      ///< beta
  bool scale = true;       ///< gamma
  Initializer beta_initializer = "zeros";
  Initializer gamma_initializer = "ones";
  Initializer moving_mean_initializer = "zeros";
  Initializer moving_variance_initializer = "ones";
  Regularizer beta_regularizer = {};
  Regularizer gamma_regularizer = {};
  Constraint beta_constraint = {};
  Constraint gamma_constraint = {};
  bool synchronized = false;  ///< kept for files; there is one process
  std::string name = {};      ///< empty: "batch_normalization", "batch_normalization_1", ...
  bool trainable = true;
};

/// y = gamma (x - mean) / sqrt(variance + epsilon) + beta, per channel. In training, mean and (biased) variance are
/// those of the batch over all axes but the channels, and moving_mean and moving_variance move towards them:
/// moving = moving momentum + batch (1 - momentum). In inference, the moving ones are used.
/// With trainable = false the layer runs in inference mode always, and its statistics stay: what fine-tuning wants.
/// Input and output (batch, .., channels), or the channels at `axis`. Variables, all (channels): gamma, beta,
/// moving_mean, moving_variance; the moving ones never learn.
/// Throws ArgumentError for an option outside its rule, ShapeError if the channels are unknown or change.
/// Source: Ioffe and Szegedy 2015, keras/src/layers/normalization/batch_normalization.py.
template <class Scalar = float>
class BatchNormalization final : public AffineNormalization<Scalar, BatchNormalizationOptions> {
  using Base = AffineNormalization<Scalar, BatchNormalizationOptions>;

 public:
  explicit BatchNormalization(BatchNormalizationOptions options = {})
      : Base("BatchNormalization", options, options.scale, options.center) {
    if (!(options.momentum >= 0 && options.momentum <= 1))
      raise<ArgumentError>(this->who(), ": momentum must lie in 0 .. 1, got ", options.momentum, ".");
    moving_mean_ = this->add_weight("moving_mean", {.trainable = false});
    moving_variance_ = this->add_weight("moving_variance", {.trainable = false});
  }

  std::string class_name() const override { return "BatchNormalization"; }
  std::shared_ptr<Layer<Scalar>> share() const override { return std::make_shared<BatchNormalization>(*this); }
  const Variable<Scalar>& moving_mean() const { return *moving_mean_; }
  const Variable<Scalar>& moving_variance() const { return *moving_variance_; }

  void build(const Shape& in) const override {
    const Shape channels{this->known_axis(in, axis())};
    this->build_affine(channels);
    this->initialize(*moving_mean_, channels, this->options().moving_mean_initializer);
    this->initialize(*moving_variance_, channels, this->options().moving_variance_initializer);
  }
  Shape compute_output_shape(const Shape& in) const override {
    this->require_rank(in, 2, Shape::max_rank, "(batch, .., channels)");
    const Index channels = this->known_axis(in, axis());
    if (moving_mean_->allocated() && channels != moving_mean_->size())
      raise<ShapeError>(this->who(), " expects ", moving_mean_->size(), " channels on axis ", axis(), ", got ", in,
                        ".");
    return in;
  }
  std::vector<ValueId> lower(Builder<Scalar>& builder, const std::vector<ValueId>& in) const override {
    const Shape shape = builder.shape(in[0]);
    steps::Normalization<Scalar> n{.axis = sample_axis(shape, axis(), this->who()) - shape.rank(),
                                   .momentum = this->options().momentum,
                                   .epsilon = this->options().epsilon,
                                   .affine = this->affine(),
                                   .moving_mean = *moving_mean_,
                                   .moving_variance = *moving_variance_};
    if (builder.training() && this->enabled())
      return {builder.template step<steps::BatchNormalization<Scalar>>(in, std::move(n))};
    return {builder.template step<steps::MovingNormalization<Scalar>>(in, std::move(n))};
  }
  void config(ConfigVisitor& c) const override {
    BatchNormalizationOptions options = this->identified(this->options());
    fields(c, options);
  }
  /// Throws ArgumentError for renorm = true, which graft does not compute.
  static BatchNormalization from_config(ConfigVisitor& c) {
    BatchNormalizationOptions options;
    fields(c, options);
    bool renorm = false;
    c("renorm", renorm);
    if (renorm)
      raise<ArgumentError>("BatchNormalization '", options.name,
                           "': renorm = true is not computed by graft. For inference ",
                           "it makes no difference: in Keras, copy gamma, beta, moving_mean and moving_variance to a ",
                           "layer with renorm = False, and save that.");
    return BatchNormalization(options);
  }

 private:
  static void fields(ConfigVisitor& c, BatchNormalizationOptions& o) {
    c("name", o.name);
    c("trainable", o.trainable);
    visit_axis(c, o);
    c("momentum", o.momentum);
    c("epsilon", o.epsilon);
    c("center", o.center);
    c("scale", o.scale);
    Base::initializer_fields(c, o);
    c("moving_mean_initializer", o.moving_mean_initializer);
    c("moving_variance_initializer", o.moving_variance_initializer);
    Base::penalty_fields(c, o);
    c("synchronized", o.synchronized);
  }

  /// One number; Keras 2 wrote a list of one.
  static void visit_axis(ConfigVisitor& c, BatchNormalizationOptions& o) {
    if (!c.reading()) return c("axis", o.axis);
    std::vector<Index> axes{o.axis};
    c("axis", axes);
    if (axes.size() != 1)
      raise<ArgumentError>("BatchNormalization '", o.name, "': axis must be one axis, got ", axes.size(),
                           ". Put a Reshape before it that makes them one.");
    o.axis = axes.front();
  }

  Index axis() const { return this->options().axis; }

  std::optional<Variable<Scalar>> moving_mean_, moving_variance_;
};

}  // namespace graft::layers
