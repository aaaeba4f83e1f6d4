#pragma once
#include <graft/layers/layer.hpp>
#include <graft/layers/sample_axis.hpp>
#include <graft/steps/scale_and_shift.hpp>

namespace graft::layers {

/// What the layers share that normalize and then compute gamma x^ + beta. Options has center, scale, epsilon and an
/// initializer, a regularizer and a constraint for each of beta and gamma.
template <class Scalar, class Options>
class AffineNormalization : public Layer<Scalar> {
 public:
  /// Nothing with scale = false or center = false.
  const std::optional<Variable<Scalar>>& gamma() const { return gamma_; }
  const std::optional<Variable<Scalar>>& beta() const { return beta_; }

 protected:
  AffineNormalization(const std::string& class_name, Options options, bool has_gamma, bool has_beta)
      : options_(std::move(options)) {
    this->set_identity(options_.name, class_name, options_.trainable);
    if (!(options_.epsilon >= 0))
      raise<ArgumentError>(class_name, " '", this->name(), "': epsilon must not be negative, got ", options_.epsilon,
                           ".");
    if (has_gamma)
      gamma_ = this->add_weight("gamma",
                                {.regularizer = options_.gamma_regularizer, .constraint = options_.gamma_constraint});
    if (has_beta)
      beta_ =
          this->add_weight("beta", {.regularizer = options_.beta_regularizer, .constraint = options_.beta_constraint});
  }

  const Options& options() const { return options_; }
  steps::ScaleAndShift<Scalar> affine() const { return {gamma_, beta_}; }
  void build_affine(const Shape& shape) const {
    if (gamma_) this->initialize(*gamma_, shape, options_.gamma_initializer);
    if (beta_) this->initialize(*beta_, shape, options_.beta_initializer);
  }
  /// The length of an axis of the input. Throws ShapeError if it is not known.
  Index known_axis(const Shape& in, Index axis) const {
    const Index length = in[sample_axis(in, axis, this->who())];
    if (length == None)
      raise<ShapeError>(this->who(), " needs to know axis ", axis, " of its input, got ", in,
                        ". Give Input() that axis.");
    return length;
  }

  /// Throws ShapeError if gamma or beta have another shape than they would get for this input.
  void require_affine_shape(const Shape& shape, const Shape& in) const {
    for (const auto& variable : affine().variables())
      if (variable.allocated() && variable.shape() != shape)
        raise<ShapeError>(this->who(), " has a ", variable.name(), " of shape ", variable.shape(), ", its input ", in,
                          " needs ", shape, ".");
  }

  static void initializer_fields(ConfigVisitor& c, Options& o) {
    c("beta_initializer", o.beta_initializer);
    c("gamma_initializer", o.gamma_initializer);
  }
  static void penalty_fields(ConfigVisitor& c, Options& o) {
    c("beta_regularizer", o.beta_regularizer);
    c("gamma_regularizer", o.gamma_regularizer);
    c("beta_constraint", o.beta_constraint);
    c("gamma_constraint", o.gamma_constraint);
  }

 private:
  Options options_;
  std::optional<Variable<Scalar>> gamma_, beta_;
};

}  // namespace graft::layers
