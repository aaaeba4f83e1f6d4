#pragma once
#include <graft/layers/data_format.hpp>
#include <graft/layers/layer.hpp>
#include <graft/steps/dropout.hpp>

namespace graft::layers {

struct SpatialDropout2DOptions {
  std::string data_format = "channels_last";
  std::optional<Index> seed = {};  ///< alone determines what is drawn
  std::string name = {};           ///< empty: "spatial_dropout2d", "spatial_dropout2d_1", ...
  bool trainable = true;
};

/// Dropout of whole channels. In training: y = 0 with probability `rate`, else x / (1 - rate), for each channel of each
/// image. In inference y = x. Acts in training also when it is frozen. Input and output (batch, height, width,
/// channels). No variables. Throws ArgumentError if rate is outside 0 .. 1, ShapeError for other axes.
/// Source: Tompson et al. 2014, keras/src/layers/regularization/spatial_dropout.py.
template <class Scalar = float>
class SpatialDropout2D final : public Layer<Scalar> {
 public:
  explicit SpatialDropout2D(double rate, SpatialDropout2DOptions options = {})
      : rate_(rate), options_(std::move(options)) {
    this->set_identity(options_.name, class_name(), options_.trainable);
    require_channels_last(options_.data_format, this->who());
    if (!(rate >= 0 && rate <= 1)) raise<ArgumentError>(this->who(), ": rate must lie in 0 .. 1, got ", rate, ".");
  }

  std::string class_name() const override { return "SpatialDropout2D"; }
  std::shared_ptr<Layer<Scalar>> share() const override { return std::make_shared<SpatialDropout2D>(*this); }
  Shape compute_output_shape(const Shape& in) const override {
    this->require_rank(in, 4, 4, "(batch, height, width, channels)");
    return in;
  }
  std::vector<ValueId> lower(Builder<Scalar>& builder, const std::vector<ValueId>& in) const override {
    if (!builder.training() || rate_ == 0) return in;
    const steps::RandomSource source{builder.stream(), options_.seed};
    return {builder.template step<steps::Dropout<Scalar>>(in, rate_, Shape{None, 1, 1, None}, source)};
  }
  void config(ConfigVisitor& c) const override {
    double rate = rate_;
    SpatialDropout2DOptions options = this->identified(options_);
    fields(c, rate, options);
  }
  static SpatialDropout2D from_config(ConfigVisitor& c) {
    double rate = 0;
    SpatialDropout2DOptions options;
    fields(c, rate, options);
    return SpatialDropout2D(rate, options);
  }

 private:
  /// Without `trainable`: Keras's layer does not take it, and there is nothing to train.
  static void fields(ConfigVisitor& c, double& rate, SpatialDropout2DOptions& o) {
    c("rate", rate);
    c("seed", o.seed);
    c("name", o.name);
    c("data_format", o.data_format);
  }

  double rate_;
  SpatialDropout2DOptions options_;
};

}  // namespace graft::layers
