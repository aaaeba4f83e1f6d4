#pragma once
#include <graft/layers/data_format.hpp>
#include <graft/layers/layer.hpp>
#include <graft/layers/sampling.hpp>
#include <graft/steps/resize_images.hpp>

namespace graft::layers {

struct UpSampling2DOptions {
  std::string data_format = "channels_last";
  std::string interpolation = "nearest";  ///< or "bilinear"
  std::string name = {};                  ///< empty: "up_sampling2d", "up_sampling2d_1", ...
  bool trainable = true;
};

/// Images enlarged by whole factors: every pixel is repeated, or lies between its neighbours. Input (batch, height,
/// width, channels), output (batch, height * size.height, width * size.width, channels). No variables.
/// Throws ArgumentError for a factor below 1 and for an interpolation that graft does not compute, ShapeError for other
/// axes.
template <class Scalar = float>
class UpSampling2D final : public Layer<Scalar> {
 public:
  explicit UpSampling2D(Size2D size = 2, UpSampling2DOptions options = {}) : size_(size), options_(std::move(options)) {
    this->set_identity(options_.name, class_name(), options_.trainable);
    require_channels_last(options_.data_format, this->who());
    if (size.height < 1 || size.width < 1)
      raise<ArgumentError>(this->who(), ": size must be at least 1, got (", size.height, ", ", size.width, ").");
    sampling_ = sampling_of(options_.interpolation, this->who());
  }

  std::string class_name() const override { return "UpSampling2D"; }
  std::shared_ptr<Layer<Scalar>> share() const override { return std::make_shared<UpSampling2D>(*this); }
  Shape compute_output_shape(const Shape& in) const override {
    this->require_rank(in, 4, 4, "(batch, height, width, channels)");
    return {in[0], steps::enlarged(in[1], size_.height), steps::enlarged(in[2], size_.width), in[3]};
  }
  std::vector<ValueId> lower(Builder<Scalar>& builder, const std::vector<ValueId>& in) const override {
    return {builder.template step<steps::ResizeImages<Scalar>>(in, "up_sampling2d", size_, true,
                                                               steps::ResizedPart::all, sampling_)};
  }
  void config(ConfigVisitor& c) const override {
    Size2D size = size_;
    UpSampling2DOptions options = this->identified(options_);
    fields(c, size, options);
  }
  static UpSampling2D from_config(ConfigVisitor& c) {
    Size2D size = 2;
    UpSampling2DOptions options;
    fields(c, size, options);
    return UpSampling2D(size, options);
  }

 private:
  static void fields(ConfigVisitor& c, Size2D& size, UpSampling2DOptions& o) {
    c("name", o.name);
    c("trainable", o.trainable);
    c("size", size);
    c("data_format", o.data_format);
    c("interpolation", o.interpolation);
  }

  Size2D size_;
  UpSampling2DOptions options_;
  ops::Sampling sampling_ = ops::Sampling::nearest;
};

}  // namespace graft::layers
