#pragma once
#include <graft/layers/data_format.hpp>
#include <graft/layers/layer.hpp>
#include <graft/layers/sampling.hpp>
#include <graft/steps/resize_images.hpp>

namespace graft::layers {

struct ResizingOptions {
  std::string interpolation = "bilinear";  ///< or "nearest"
  bool crop_to_aspect_ratio = false;       ///< the part in the middle that has the proportions of height and width
  bool pad_to_aspect_ratio = false;        ///< kept for files; graft computes false alone
  std::string fill_mode = "constant";      ///< of the padding
  double fill_value = 0;                   ///< of the padding
  bool antialias = false;                  ///< kept for files; graft computes false alone
  std::string data_format = "channels_last";
  std::string name = {};  ///< empty: "resizing", "resizing_1", ...
  bool trainable = true;
};

/// Images in another size, in training too. Input (batch, any height, any width, channels), output (batch, height,
/// width, channels); pixel centres lie at whole numbers and a half, and shrinking looks at the nearest pixels alone, as
/// tf.image.resize does both. No variables. Throws ArgumentError for a size below 1 and for an option that graft does
/// not compute, ShapeError for other axes.
/// Source: keras/src/layers/preprocessing/image_preprocessing/resizing.py.
template <class Scalar = float>
class Resizing final : public Layer<Scalar> {
 public:
  Resizing(Index height, Index width, ResizingOptions options = {})
      : size_(height, width), options_(std::move(options)) {
    this->set_identity(options_.name, class_name(), options_.trainable);
    require_channels_last(options_.data_format, this->who());
    if (height < 1 || width < 1)
      raise<ArgumentError>(this->who(), ": height and width must be at least 1, got ", height, " and ", width, ".");
    if (options_.antialias) refuse("antialias");
    if (options_.pad_to_aspect_ratio) refuse("pad_to_aspect_ratio");
    sampling_ = sampling_of(options_.interpolation, this->who());
  }

  std::string class_name() const override { return "Resizing"; }
  std::shared_ptr<Layer<Scalar>> share() const override { return std::make_shared<Resizing>(*this); }
  Shape compute_output_shape(const Shape& in) const override {
    this->require_rank(in, 4, 4, "(batch, height, width, channels)");
    return {in[0], size_.height, size_.width, in[3]};
  }
  std::vector<ValueId> lower(Builder<Scalar>& builder, const std::vector<ValueId>& in) const override {
    const auto part = options_.crop_to_aspect_ratio ? steps::ResizedPart::proportional : steps::ResizedPart::all;
    return {builder.template step<steps::ResizeImages<Scalar>>(in, "resizing", size_, false, part, sampling_)};
  }
  void config(ConfigVisitor& c) const override {
    Size2D size = size_;
    ResizingOptions options = this->identified(options_);
    fields(c, size, options);
  }
  static Resizing from_config(ConfigVisitor& c) {
    Size2D size(0, 0);
    ResizingOptions options;
    fields(c, size, options);
    return Resizing(size.height, size.width, options);
  }

 private:
  static void fields(ConfigVisitor& c, Size2D& size, ResizingOptions& o) {
    c("name", o.name);
    c("trainable", o.trainable);
    c("data_format", o.data_format);
    c("height", size.height);
    c("width", size.width);
    c("interpolation", o.interpolation);
    c("crop_to_aspect_ratio", o.crop_to_aspect_ratio);
    c("pad_to_aspect_ratio", o.pad_to_aspect_ratio);
    c("fill_mode", o.fill_mode);
    c("fill_value", o.fill_value);
    c("antialias", o.antialias);
  }
  [[noreturn]] void refuse(const char* option) const {
    raise<ArgumentError>(this->who(), ": ", option, " = true is not computed by graft; it must be false.");
  }

  Size2D size_;
  ResizingOptions options_;
  ops::Sampling sampling_ = ops::Sampling::bilinear;
};

}  // namespace graft::layers
