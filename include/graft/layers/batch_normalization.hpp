#pragma once
#include <graft/layers/layer.hpp>
#include <graft/layers/sample_axis.hpp>
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
class BatchNormalization final : public Layer<Scalar> {
 public:
  explicit BatchNormalization(BatchNormalizationOptions options = {}) : options_(std::move(options)) {
    this->set_identity(options_.name, class_name(), options_.trainable);
    if (!(options_.momentum >= 0 && options_.momentum <= 1))
      raise<ArgumentError>(this->who(), ": momentum must lie in 0 .. 1, got ", options_.momentum, ".");
    if (!(options_.epsilon >= 0))
      raise<ArgumentError>(this->who(), ": epsilon must not be negative, got ", options_.epsilon, ".");
    if (options_.scale)
      gamma_ = this->add_weight("gamma",
                                {.regularizer = options_.gamma_regularizer, .constraint = options_.gamma_constraint});
    if (options_.center)
      beta_ =
          this->add_weight("beta", {.regularizer = options_.beta_regularizer, .constraint = options_.beta_constraint});
    moving_mean_ = this->add_weight("moving_mean", {.trainable = false});
    moving_variance_ = this->add_weight("moving_variance", {.trainable = false});
  }

  std::string class_name() const override { return "BatchNormalization"; }
  std::shared_ptr<Layer<Scalar>> share() const override { return std::make_shared<BatchNormalization>(*this); }
  /// Nothing with scale = false or center = false.
  const std::optional<Variable<Scalar>>& gamma() const { return gamma_; }
  const std::optional<Variable<Scalar>>& beta() const { return beta_; }
  const Variable<Scalar>& moving_mean() const { return *moving_mean_; }
  const Variable<Scalar>& moving_variance() const { return *moving_variance_; }

  void build(const Shape& in) const override {
    const Shape channels{in[sample_axis(in, options_.axis, this->who())]};
    if (gamma_) this->initialize(*gamma_, channels, options_.gamma_initializer);
    if (beta_) this->initialize(*beta_, channels, options_.beta_initializer);
    this->initialize(*moving_mean_, channels, options_.moving_mean_initializer);
    this->initialize(*moving_variance_, channels, options_.moving_variance_initializer);
  }
  Shape compute_output_shape(const Shape& in) const override {
    this->require_rank(in, 2, Shape::max_rank, "(batch, .., channels)");
    const Index channels = in[sample_axis(in, options_.axis, this->who())];
    if (channels == None)
      raise<ShapeError>(this->who(), " needs to know axis ", options_.axis, " of its input, got ", in,
                        ". Give Input() that axis.");
    if (moving_mean_->allocated() && channels != moving_mean_->size())
      raise<ShapeError>(this->who(), " expects ", moving_mean_->size(), " channels on axis ", options_.axis, ", got ",
                        in, ".");
    return in;
  }
  std::vector<ValueId> lower(Builder<Scalar>& builder, const std::vector<ValueId>& in) const override {
    const Shape shape = builder.shape(in[0]);
    steps::Normalization<Scalar> n{.axis = sample_axis(shape, options_.axis, this->who()) - shape.rank(),
                                   .momentum = options_.momentum,
                                   .epsilon = options_.epsilon,
                                   .gamma = gamma_,
                                   .beta = beta_,
                                   .moving_mean = *moving_mean_,
                                   .moving_variance = *moving_variance_};
    if (builder.training() && this->enabled())
      return {builder.template step<steps::BatchNormalization<Scalar>>(in, std::move(n))};
    return {builder.template step<steps::MovingNormalization<Scalar>>(in, std::move(n))};
  }
  void config(ConfigVisitor& c) const override {
    BatchNormalizationOptions options = this->identified(options_);
    fields(c, options);
  }
  /// Throws ArgumentError for renorm = true, which graft does not compute.
  static BatchNormalization from_config(ConfigVisitor& c) {
    BatchNormalizationOptions options;
    fields(c, options);
    bool renorm = false;
    c("renorm", renorm);
    if (renorm)
      raise<ArgumentError>("BatchNormalization '", options.name, "': renorm = true is not computed by graft.");
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
    c("beta_initializer", o.beta_initializer);
    c("gamma_initializer", o.gamma_initializer);
    c("moving_mean_initializer", o.moving_mean_initializer);
    c("moving_variance_initializer", o.moving_variance_initializer);
    c("beta_regularizer", o.beta_regularizer);
    c("gamma_regularizer", o.gamma_regularizer);
    c("beta_constraint", o.beta_constraint);
    c("gamma_constraint", o.gamma_constraint);
    c("synchronized", o.synchronized);
  }

  /// One number; Keras 2 wrote a list of one.
  static void visit_axis(ConfigVisitor& c, BatchNormalizationOptions& o) {
    if (!c.reading()) return c("axis", o.axis);
    std::vector<Index> axes{o.axis};
    c("axis", axes);
    if (axes.size() != 1)
      raise<ArgumentError>("BatchNormalization '", o.name, "': axis must be one axis, got ", axes.size(), ".");
    o.axis = axes.front();
  }

  BatchNormalizationOptions options_;
  std::optional<Variable<Scalar>> gamma_, beta_, moving_mean_, moving_variance_;
};

}  // namespace graft::layers
