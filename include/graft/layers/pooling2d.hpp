#pragma once
#include <graft/layers/data_format.hpp>
#include <graft/layers/layer.hpp>
#include <graft/ops/window.hpp>

namespace graft::layers {

struct Pooling2DOptions {
  std::optional<Size2D> strides = {};  ///< empty: pool_size
  std::string padding = "valid";
  std::string data_format = "channels_last";
  std::string name = {};  ///< empty: "max_pooling2d", "max_pooling2d_1", ...
  bool trainable = true;
};

/// What MaxPooling2D and AveragePooling2D share. Source: keras/src/layers/pooling/base_pooling.py.
template <class Scalar>
class Pooling2D : public Layer<Scalar> {
 public:
  Shape compute_output_shape(const Shape& in) const override {
    this->require_rank(in, 4, 4, "(batch, height, width, channels)");
    const Shape out = window_.output_shape(in, in[3]);
    if (out[1] == 0 || out[2] == 0)
      raise<ShapeError>(this->who(), ": a window of ", pool_size_.height, "x", pool_size_.width,
                        " does not fit the input ", in, ". Use padding = \"same\", a smaller window or larger images.");
    return out;
  }
  void config(ConfigVisitor& c) const override {
    Size2D pool_size = pool_size_;
    Pooling2DOptions options = this->identified(options_);
    options.strides = strides();
    fields(c, pool_size, options);
  }

 protected:
  Pooling2D(const std::string& class_name, Size2D pool_size, Pooling2DOptions options)
      : pool_size_(pool_size), options_(std::move(options)) {
    this->set_identity(options_.name, class_name, options_.trainable);
    const std::string who = class_name + " '" + this->name() + "'";
    const auto positive = [&](const char* option, Size2D size) {
      if (size.height < 1 || size.width < 1)
        raise<ArgumentError>(who, ": ", option, " must be at least 1, got ", size.height, "x", size.width, ".");
    };
    positive("pool_size", pool_size_);
    positive("strides", strides());
    require_channels_last(options_.data_format, who);
    window_ = {pool_size_, strides(), 1, ops::padding_from_name(options_.padding, who)};
  }

  const ops::Window2D& window() const { return window_; }
  template <class L>
  static L read(ConfigVisitor& c) {
    Size2D pool_size = 2;
    Pooling2DOptions options;
    fields(c, pool_size, options);
    return L(pool_size, options);
  }

 private:
  static void fields(ConfigVisitor& c, Size2D& pool_size, Pooling2DOptions& o) {
    c("name", o.name);
    c("trainable", o.trainable);
    c("pool_size", pool_size);
    c("padding", o.padding);
    c("strides", o.strides);
    c("data_format", o.data_format);
  }
  Size2D strides() const { return options_.strides.value_or(pool_size_); }

  Size2D pool_size_;
  Pooling2DOptions options_;
  ops::Window2D window_;
};

}  // namespace graft::layers
