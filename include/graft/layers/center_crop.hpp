#pragma once
#include <graft/layers/data_format.hpp>
#include <graft/layers/layer.hpp>
#include <graft/steps/resize_images.hpp>

namespace graft::layers {

struct CenterCropOptions {
  std::string data_format = "channels_last";
  std::string name = {};  ///< empty: "center_crop", "center_crop_1", ...
  bool trainable = true;
};

/// The middle of images, in training too. Input (batch, any height, any width, channels), output (batch, height, width,
/// channels). An image that is smaller is cropped to the proportions of the output and resized to it, bilinear. No
/// variables. Throws ArgumentError for a size below 1, ShapeError for other axes.
/// Source: keras/src/layers/preprocessing/image_preprocessing/center_crop.py.
template <class Scalar = float>
class CenterCrop final : public Layer<Scalar> {
 public:
  CenterCrop(Index height, Index width, CenterCropOptions options = {})
      : size_(height, width), options_(std::move(options)) {
    this->set_identity(options_.name, class_name(), options_.trainable);
    require_channels_last(options_.data_format, this->who());
    if (height < 1 || width < 1)
      raise<ArgumentError>(this->who(), ": height and width must be at least 1, got ", height, " and ", width, ".");
  }

  std::string class_name() const override { return "CenterCrop"; }
  std::shared_ptr<Layer<Scalar>> share() const override { return std::make_shared<CenterCrop>(*this); }
  Shape compute_output_shape(const Shape& in) const override {
    this->require_rank(in, 4, 4, "(batch, height, width, channels)");
    return {in[0], size_.height, size_.width, in[3]};
  }
  std::vector<ValueId> lower(Builder<Scalar>& builder, const std::vector<ValueId>& in) const override {
    return {builder.template step<steps::ResizeImages<Scalar>>(in, "center_crop", size_, false,
                                                               steps::ResizedPart::middle, ops::Sampling::bilinear)};
  }
  void config(ConfigVisitor& c) const override {
    Size2D size = size_;
    CenterCropOptions options = this->identified(options_);
    fields(c, size, options);
  }
  static CenterCrop from_config(ConfigVisitor& c) {
    Size2D size(0, 0);
    CenterCropOptions options;
    fields(c, size, options);
    return CenterCrop(size.height, size.width, options);
  }

 private:
  static void fields(ConfigVisitor& c, Size2D& size, CenterCropOptions& o) {
    c("name", o.name);
    c("trainable", o.trainable);
    c("data_format", o.data_format);
    c("height", size.height);
    c("width", size.width);
  }

  Size2D size_;
  CenterCropOptions options_;
};

}  // namespace graft::layers
