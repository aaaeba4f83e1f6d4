#pragma once
#include <graft/layers/data_format.hpp>
#include <graft/layers/layer.hpp>
#include <graft/layers/spatial.hpp>

namespace graft::layers {

struct GlobalPoolingOptions {
  std::string data_format = "channels_last";
  bool keepdims = false;
  std::string name = {};  ///< empty: by the class, "global_max_pooling2d", "global_max_pooling2d_1", ...
  bool trainable = true;
};

/// What the global pooling layers share. Source: keras/src/layers/pooling/base_global_pooling.py.
template <class Scalar, class Size>
class GlobalPooling : public Layer<Scalar> {
  using Space = Spatial<Size>;

 public:
  Shape compute_output_shape(const Shape& in) const override {
    this->require_rank(in, Space::rank, Space::rank, Space::axes);
    if (std::find(in.begin() + 1, in.end() - 1, 0) != in.end() - 1)
      raise<ShapeError>(this->who(), " needs at least one ", Space::element, ", got ", in, ".");
    return options_.keepdims ? kept(in) : Shape{in.front(), in.back()};
  }
  void config(ConfigVisitor& c) const override {
    GlobalPoolingOptions options = this->identified(options_);
    fields(c, options);
  }

 protected:
  GlobalPooling(const std::string& class_name, GlobalPoolingOptions options) : options_(std::move(options)) {
    this->set_identity(options_.name, class_name, options_.trainable);
    require_channels_last(options_.data_format, class_name + " '" + this->name() + "'");
  }

  /// One step of that class; with keepdims its output is seen with axes of one.
  template <class Step>
  std::vector<ValueId> lower_to(Builder<Scalar>& builder, const std::vector<ValueId>& in) const {
    const ValueId pooled = builder.template step<Step>(in);
    if (!options_.keepdims) return {pooled};
    return {builder.alias(pooled, kept)};
  }
  template <class L>
  static L read(ConfigVisitor& c) {
    GlobalPoolingOptions options;
    fields(c, options);
    return L(options);
  }

 private:
  /// (batch, 1, .., 1, channels)
  static Shape kept(const Shape& in) {
    Shape out{in.front()};
    while (out.rank() < Space::rank - 1) out.push_back(1);
    out.push_back(in.back());
    return out;
  }
  static void fields(ConfigVisitor& c, GlobalPoolingOptions& o) {
    c("name", o.name);
    c("trainable", o.trainable);
    c("data_format", o.data_format);
    c("keepdims", o.keepdims);
  }

  GlobalPoolingOptions options_;
};

}  // namespace graft::layers
