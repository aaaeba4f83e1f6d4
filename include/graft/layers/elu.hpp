#pragma once
#include <graft/layers/layer.hpp>
#include <graft/steps/activate.hpp>

namespace graft::layers {

struct ELUOptions {
  double alpha = 1;
  std::string name = {};  ///< empty: "elu", "elu_1", ...
  bool trainable = true;
};

/// y = x where x > 0, alpha (e^x - 1) elsewhere. Input and output of any shape. No variables.
/// Throws ArgumentError for a negative alpha. Source: Clevert et al. 2015.
template <class Scalar = float>
class ELU final : public Layer<Scalar> {
 public:
  explicit ELU(ELUOptions options = {}) : options_(std::move(options)) {
    this->set_identity(options_.name, class_name(), options_.trainable);
    if (!(options_.alpha >= 0))
      raise<ArgumentError>(this->who(), ": alpha must not be negative, got ", options_.alpha, ".");
  }

  std::string class_name() const override { return "ELU"; }
  std::shared_ptr<Layer<Scalar>> share() const override { return std::make_shared<ELU>(*this); }
  Shape compute_output_shape(const Shape& in) const override {
    this->require_rank(in, 1, Shape::max_rank, "(batch, ..)");
    return in;
  }
  std::vector<ValueId> lower(Builder<Scalar>& builder, const std::vector<ValueId>& in) const override {
    ops::Activation elu = ops::Activation::of(ops::ActivationKind::elu);
    elu.alpha = options_.alpha;
    return {builder.template step<steps::Activate<Scalar>>(in, elu, "elu")};
  }
  void config(ConfigVisitor& c) const override {
    ELUOptions options = this->identified(options_);
    fields(c, options);
  }
  static ELU from_config(ConfigVisitor& c) {
    ELUOptions options;
    fields(c, options);
    return ELU(options);
  }

 private:
  static void fields(ConfigVisitor& c, ELUOptions& o) {
    c("name", o.name);
    c("alpha", o.alpha);
    c("trainable", o.trainable);
  }

  ELUOptions options_;
};

}  // namespace graft::layers
