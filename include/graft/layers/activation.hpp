#pragma once
#include <graft/layers/layer.hpp>
#include <graft/layers/lower_activation.hpp>

namespace graft::layers {

struct ActivationOptions {
  std::string name = {};  ///< empty: "activation", "activation_1", ...
  bool trainable = true;
};

/// y = activation(x), by its name: "relu", "softmax", .. Input and output of any shape. No variables.
template <class Scalar = float>
class Activation final : public Layer<Scalar> {
 public:
  explicit Activation(graft::Activation activation, ActivationOptions options = {})
      : activation_(std::move(activation)), options_(std::move(options)) {
    this->set_identity(options_.name, class_name(), options_.trainable);
  }

  std::string class_name() const override { return "Activation"; }
  std::shared_ptr<Layer<Scalar>> share() const override { return std::make_shared<Activation>(*this); }
  Shape compute_output_shape(const Shape& in) const override {
    this->require_rank(in, activation_.elementwise() ? 1 : 2, Shape::max_rank, "(batch, ..)");
    return in;
  }
  std::vector<ValueId> lower(Builder<Scalar>& builder, const std::vector<ValueId>& in) const override {
    return {lower_activation(builder, in[0], activation_)};
  }
  void config(ConfigVisitor& c) const override {
    graft::Activation activation = activation_;
    ActivationOptions options = this->identified(options_);
    fields(c, activation, options);
  }
  static Activation from_config(ConfigVisitor& c) {
    graft::Activation activation;
    ActivationOptions options;
    fields(c, activation, options);
    return Activation(activation, options);
  }

 private:
  static void fields(ConfigVisitor& c, graft::Activation& activation, ActivationOptions& o) {
    c("name", o.name);
    c("trainable", o.trainable);
    c("activation", activation);
  }

  graft::Activation activation_;
  ActivationOptions options_;
};

}  // namespace graft::layers
