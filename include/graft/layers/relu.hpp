#pragma once
#include <graft/layers/layer.hpp>
#include <graft/steps/activate.hpp>

namespace graft::layers {

struct ReLUOptions {
  std::optional<double> max_value = {};  ///< empty: no limit
  double negative_slope = 0;
  double threshold = 0;
  std::string name = {};  ///< empty: "re_lu", "re_lu_1", ...
  bool trainable = true;
};

/// y = min(x, max_value) where x > threshold, negative_slope (x - threshold) elsewhere. Input and output of any shape.
/// No variables. Throws ArgumentError if an option is negative.
template <class Scalar = float>
class ReLU final : public Layer<Scalar> {
 public:
  explicit ReLU(ReLUOptions options = {}) : options_(std::move(options)) {
    this->set_identity(options_.name, class_name(), options_.trainable);
    require_positive("max_value", options_.max_value.value_or(0));
    require_positive("negative_slope", options_.negative_slope);
    require_positive("threshold", options_.threshold);
  }

  std::string class_name() const override { return "ReLU"; }
  std::shared_ptr<Layer<Scalar>> share() const override { return std::make_shared<ReLU>(*this); }
  Shape compute_output_shape(const Shape& in) const override {
    this->require_rank(in, 1, Shape::max_rank, "(batch, ..)");
    return in;
  }
  std::vector<ValueId> lower(Builder<Scalar>& builder, const std::vector<ValueId>& in) const override {
    ops::Activation relu = ops::Activation::of(ops::ActivationKind::relu);
    relu.negative_slope = options_.negative_slope;
    relu.threshold = options_.threshold;
    if (options_.max_value) relu.max_value = *options_.max_value;
    return {builder.template step<steps::Activate<Scalar>>(in, relu, "relu")};
  }
  void config(ConfigVisitor& c) const override {
    ReLUOptions options = this->identified(options_);
    fields(c, options);
  }
  static ReLU from_config(ConfigVisitor& c) {
    ReLUOptions options;
    fields(c, options);
    return ReLU(options);
  }

 private:
  static void fields(ConfigVisitor& c, ReLUOptions& o) {
    c("name", o.name);
    c("trainable", o.trainable);
    c("max_value", o.max_value);
    c("negative_slope", o.negative_slope);
    c("threshold", o.threshold);
  }
  void require_positive(const char* option, double value) const {
    if (!(value >= 0)) raise<ArgumentError>(this->who(), ": ", option, " must not be negative, got ", value, ".");
  }

  ReLUOptions options_;
};

}  // namespace graft::layers
