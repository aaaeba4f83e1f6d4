#pragma once
#include <graft/layers/data_format.hpp>
#include <graft/layers/layer.hpp>

namespace graft::layers {

struct FlattenOptions {
  std::string data_format = "channels_last";
  std::string name = {};  ///< empty: "flatten", "flatten_1", ...
  bool trainable = true;
};

/// The same elements, row-major, as one axis: (batch, ..) -> (batch, product of the rest); (batch,) -> (batch, 1).
/// Costs nothing: the output is the input's memory. No variables.
template <class Scalar = float>
class Flatten final : public Layer<Scalar> {
 public:
  explicit Flatten(FlattenOptions options = {}) : options_(std::move(options)) {
    this->set_identity(options_.name, class_name(), options_.trainable);
    require_channels_last(options_.data_format, this->who());
  }

  std::string class_name() const override { return "Flatten"; }
  std::shared_ptr<Layer<Scalar>> share() const override { return std::make_shared<Flatten>(*this); }
  Shape compute_output_shape(const Shape& in) const override {
    this->require_rank(in, 1, Shape::max_rank, "(batch, ..)");
    return flat(in);
  }
  std::vector<ValueId> lower(Builder<Scalar>& builder, const std::vector<ValueId>& in) const override {
    return {builder.alias(in[0], flat)};
  }
  void config(ConfigVisitor& c) const override {
    FlattenOptions options = this->identified(options_);
    fields(c, options);
  }
  static Flatten from_config(ConfigVisitor& c) {
    FlattenOptions options;
    fields(c, options);
    return Flatten(options);
  }

 private:
  static void fields(ConfigVisitor& c, FlattenOptions& o) {
    c("name", o.name);
    c("trainable", o.trainable);
    c("data_format", o.data_format);
  }
  static Shape flat(const Shape& in) {
    const Shape sample = in.without_batch();
    return {in.front(), sample.is_known() ? sample.elements() : None};
  }

  FlattenOptions options_;
};

}  // namespace graft::layers
