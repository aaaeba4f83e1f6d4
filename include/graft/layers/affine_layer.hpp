#pragma once
#include <graft/layers/layer.hpp>
#include <graft/layers/lower_activation.hpp>
#include <graft/steps/bias.hpp>

namespace graft::layers {

/// y = activation(z + bias) with z linear in x: what Dense and the convolutions share. Options is the layer's struct.
template <class Scalar, class Options>
class AffineLayer : public Layer<Scalar> {
 public:
  /// Nothing with use_bias = false.
  const std::optional<Variable<Scalar>>& bias() const { return bias_; }

 protected:
  AffineLayer(const std::string& class_name, Options options) : options_(std::move(options)) {
    this->set_identity(options_.name, class_name, options_.trainable);
  }
  void add_bias() {
    if (options_.use_bias)
      bias_ =
          this->add_weight("bias", {.regularizer = options_.bias_regularizer, .constraint = options_.bias_constraint});
  }
  void build_bias(Index filters) const {
    if (bias_) this->initialize(*bias_, {filters}, options_.bias_initializer);
  }
  /// Emits what follows z.
  ValueId lower_output(Builder<Scalar>& builder, ValueId z) const {
    if (bias_) z = builder.template step<steps::Bias<Scalar>>({z}, *bias_);
    return lower_penalty(builder, lower_activation(builder, z, options_.activation), options_.activity_regularizer);
  }

  Options options_;
  std::optional<Variable<Scalar>> bias_;
};

}  // namespace graft::layers
