#pragma once
#include <graft/layers/layer.hpp>
#include <graft/steps/rescaling.hpp>

namespace graft::layers {

struct RescalingOptions {
  double offset = 0;
  std::string name = {};  ///< empty: "rescaling", "rescaling_1", ...
  bool trainable = true;
};

/// y = x scale + offset: Rescaling(1 / 127.5, {.offset = -1}) takes 0 .. 255 to -1 .. 1. Input and output of any shape.
/// No variables.
template <class Scalar = float>
class Rescaling final : public Layer<Scalar> {
 public:
  explicit Rescaling(double scale, RescalingOptions options = {}) : scale_(scale), options_(std::move(options)) {
    this->set_identity(options_.name, class_name(), options_.trainable);
  }

  std::string class_name() const override { return "Rescaling"; }
  std::shared_ptr<Layer<Scalar>> share() const override { return std::make_shared<Rescaling>(*this); }
  std::vector<ValueId> lower(Builder<Scalar>& builder, const std::vector<ValueId>& in) const override {
    return {builder.template step<steps::Rescaling<Scalar>>(in, scale_, options_.offset)};
  }
  void config(ConfigVisitor& c) const override {
    double scale = scale_;
    RescalingOptions options = this->identified(options_);
    fields(c, scale, options);
  }
  static Rescaling from_config(ConfigVisitor& c) {
    double scale = 1;
    RescalingOptions options;
    fields(c, scale, options);
    return Rescaling(scale, options);
  }

 private:
  static void fields(ConfigVisitor& c, double& scale, RescalingOptions& o) {
    c("name", o.name);
    c("trainable", o.trainable);
    c("scale", scale);
    c("offset", o.offset);
  }

  double scale_;
  RescalingOptions options_;
};

}  // namespace graft::layers
