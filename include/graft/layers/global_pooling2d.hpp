#pragma once
#include <graft/layers/data_format.hpp>
#include <graft/layers/layer.hpp>

namespace graft::layers {

struct GlobalPooling2DOptions {
  std::string data_format = "channels_last";
  bool keepdims = false;
  std::string name = {};  ///< empty: "global_max_pooling2d", "global_max_pooling2d_1", ...
  bool trainable = true;
};

/// What GlobalMaxPooling2D and GlobalAveragePooling2D share. Source: keras/src/layers/pooling/base_global_pooling.py.
template <class Scalar>
class GlobalPooling2D : public Layer<Scalar> {
 public:
  Shape compute_output_shape(const Shape& in) const override {
    this->require_rank(in, 4, 4, "(batch, height, width, channels)");
    if (in[1] == 0 || in[2] == 0) raise<ShapeError>(this->who(), " needs at least one pixel, got ", in, ".");
    return options_.keepdims ? Shape{in.front(), 1, 1, in.back()} : Shape{in.front(), in.back()};
  }
  void config(ConfigVisitor& c) const override {
    GlobalPooling2DOptions options = this->identified(options_);
    fields(c, options);
  }

 protected:
  GlobalPooling2D(const std::string& class_name, GlobalPooling2DOptions options) : options_(std::move(options)) {
    this->set_identity(options_.name, class_name, options_.trainable);
    require_channels_last(options_.data_format, class_name + " '" + this->name() + "'");
  }

  /// One step of that class; with keepdims its output is seen as (batch, 1, 1, channels).
  template <class Step>
  std::vector<ValueId> lower_to(Builder<Scalar>& builder, const std::vector<ValueId>& in) const {
    const ValueId pooled = builder.template step<Step>(in);
    if (!options_.keepdims) return {pooled};
    return {builder.alias(pooled, [](const Shape& s) { return Shape{s.front(), 1, 1, s.back()}; })};
  }
  template <class L>
  static L read(ConfigVisitor& c) {
    GlobalPooling2DOptions options;
    fields(c, options);
    return L(options);
  }

 private:
  static void fields(ConfigVisitor& c, GlobalPooling2DOptions& o) {
    c("name", o.name);
    c("trainable", o.trainable);
    c("data_format", o.data_format);
    c("keepdims", o.keepdims);
  }

  GlobalPooling2DOptions options_;
};

}  // namespace graft::layers
