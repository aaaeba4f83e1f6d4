#pragma once
#include <graft/layers/convolution_window.hpp>
#include <graft/layers/layer.hpp>

namespace graft::layers {

template <class Size>
struct PoolingOptions {
  std::optional<Size> strides = {};  ///< empty: pool_size
  std::string padding = "valid";
  std::string data_format = "channels_last";
  std::string name = {};  ///< empty: by the class, "max_pooling2d", "max_pooling2d_1", ...
  bool trainable = true;
};

/// What the pooling layers with a window share. Source: keras/src/layers/pooling/base_pooling.py.
template <class Scalar, class Size>
class Pooling : public Layer<Scalar> {
  using Space = Spatial<Size>;

 public:
  Shape compute_output_shape(const Shape& in) const override {
    this->require_rank(in, Space::rank, Space::rank, Space::axes);
    return window_output_shape("window", pool_size_, window_, in, in.back(), this->who());
  }
  void config(ConfigVisitor& c) const override {
    Size pool_size = pool_size_;
    PoolingOptions<Size> options = this->identified(options_);
    options.strides = strides();
    fields(c, pool_size, options);
  }

 protected:
  Pooling(const std::string& class_name, Size pool_size, PoolingOptions<Size> options)
      : pool_size_(pool_size), options_(std::move(options)) {
    this->set_identity(options_.name, class_name, options_.trainable);
    const std::string who = class_name + " '" + this->name() + "'";
    require_positive("pool_size", pool_size_, who);
    require_positive("strides", strides(), who);
    require_channels_last(options_.data_format, who);
    window_ = {Space::image_size(pool_size_), Space::image_size(strides()), 1,
               ops::padding_from_name(options_.padding, who)};
  }

  /// One step of that class.
  template <class Step>
  std::vector<ValueId> lower_to(Builder<Scalar>& builder, const std::vector<ValueId>& in) const {
    const ValueId pooled = builder.template step<Step>({Space::to_image(builder, in[0])}, window_);
    return {Space::from_image(builder, pooled)};
  }
  template <class L>
  static L read(ConfigVisitor& c) {
    Size pool_size = 2;
    PoolingOptions<Size> options;
    fields(c, pool_size, options);
    return L(pool_size, options);
  }

 private:
  static void fields(ConfigVisitor& c, Size& pool_size, PoolingOptions<Size>& o) {
    c("name", o.name);
    c("trainable", o.trainable);
    Space::visit(c, "pool_size", pool_size);
    c("padding", o.padding);
    Space::visit(c, "strides", o.strides);
    c("data_format", o.data_format);
  }
  Size strides() const { return options_.strides.value_or(pool_size_); }

  Size pool_size_;
  PoolingOptions<Size> options_;
  ops::Window2D window_;
};

}  // namespace graft::layers
