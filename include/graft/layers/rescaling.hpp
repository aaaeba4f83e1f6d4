#pragma once
#include <graft/layers/layer.hpp>
#include <graft/steps/channel_rescaling.hpp>
#include <graft/steps/rescaling.hpp>

namespace graft::layers {

struct RescalingOptions {
  double offset = 0;
  std::string name = {};  ///< empty: "rescaling", "rescaling_1", ...
  bool trainable = true;
};

/// y = x scale + offset: Rescaling(1 / 127.5, {.offset = -1}) takes 0 .. 255 to -1 .. 1. Input and output of any shape;
/// several scales are for the elements of the last axis. No variables. Throws ArgumentError for no scale at all,
/// ShapeError for as many scales as the last axis has not.
template <class Scalar = float>
class Rescaling final : public Layer<Scalar> {
 public:
  explicit Rescaling(double scale, RescalingOptions options = {}) : Rescaling(std::vector{scale}, std::move(options)) {}
  explicit Rescaling(std::vector<double> scale, RescalingOptions options = {})
      : scale_(std::move(scale)), options_(std::move(options)) {
    this->set_identity(options_.name, class_name(), options_.trainable);
    if (scale_.empty())
      raise<ArgumentError>(this->who(), ": scale must be a number or one for each channel, got none.");
  }

  std::string class_name() const override { return "Rescaling"; }
  std::shared_ptr<Layer<Scalar>> share() const override { return std::make_shared<Rescaling>(*this); }
  Shape compute_output_shape(const Shape& in) const override {
    if (scale_.size() > 1) this->require_last_axis(in, static_cast<Index>(scale_.size()));
    return in;
  }
  std::vector<ValueId> lower(Builder<Scalar>& builder, const std::vector<ValueId>& in) const override {
    if (scale_.size() == 1) return {builder.template step<steps::Rescaling<Scalar>>(in, scale_[0], options_.offset)};
    return {builder.template step<steps::ChannelRescaling<Scalar>>(in, scale_, options_.offset)};
  }
  void config(ConfigVisitor& c) const override {
    std::vector<double> scale = scale_;
    RescalingOptions options = this->identified(options_);
    fields(c, scale, options);
  }
  static Rescaling from_config(ConfigVisitor& c) {
    std::vector<double> scale{1};
    RescalingOptions options;
    fields(c, scale, options);
    return Rescaling(scale, options);
  }

 private:
  static void fields(ConfigVisitor& c, std::vector<double>& scale, RescalingOptions& o) {
    c("name", o.name);
    c("trainable", o.trainable);
    if (!c.reading() && scale.size() == 1)
      c("scale", scale[0]);
    else
      c("scale", scale);
    c("offset", o.offset);
  }

  std::vector<double> scale_;
  RescalingOptions options_;
};

}  // namespace graft::layers
