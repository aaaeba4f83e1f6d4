#pragma once
#include <graft/layers/layer.hpp>
#include <graft/steps/activate.hpp>

namespace graft::layers {

struct LeakyReLUOptions {
  double negative_slope = 0.3;  ///< the activation "leaky_relu" has 0.2
  std::string name = {};        ///< empty: "leaky_re_lu", "leaky_re_lu_1", ...
  bool trainable = true;
};

/// y = x where x > 0, negative_slope x elsewhere. Input and output of any shape. No variables.
/// Throws ArgumentError for a negative slope.
template <class Scalar = float>
class LeakyReLU final : public Layer<Scalar> {
 public:
  explicit LeakyReLU(LeakyReLUOptions options = {}) : options_(std::move(options)) {
    this->set_identity(options_.name, class_name(), options_.trainable);
    if (!(options_.negative_slope >= 0))
      raise<ArgumentError>(this->who(), ": negative_slope must not be negative, got ", options_.negative_slope, ".");
  }

  std::string class_name() const override { return "LeakyReLU"; }
  std::shared_ptr<Layer<Scalar>> share() const override { return std::make_shared<LeakyReLU>(*this); }
  Shape compute_output_shape(const Shape& in) const override {
    this->require_rank(in, 1, Shape::max_rank, "(batch, ..)");
    return in;
  }
  std::vector<ValueId> lower(Builder<Scalar>& builder, const std::vector<ValueId>& in) const override {
    ops::Activation leaky = ops::Activation::of(ops::ActivationKind::leaky_relu);
    leaky.negative_slope = options_.negative_slope;
    return {builder.template step<steps::Activate<Scalar>>(in, leaky, "leaky_relu")};
  }
  void config(ConfigVisitor& c) const override {
    LeakyReLUOptions options = this->identified(options_);
    fields(c, options);
  }
  static LeakyReLU from_config(ConfigVisitor& c) {
    LeakyReLUOptions options;
    fields(c, options);
    return LeakyReLU(options);
  }

 private:
  static void fields(ConfigVisitor& c, LeakyReLUOptions& o) {
    c("name", o.name);
    c("trainable", o.trainable);
    c("negative_slope", o.negative_slope);
  }

  LeakyReLUOptions options_;
};

}  // namespace graft::layers
