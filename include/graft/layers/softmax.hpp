#pragma once
#include <graft/layers/joined_axes.hpp>
#include <graft/layers/layer.hpp>
#include <graft/layers/sample_axis.hpp>
#include <graft/steps/softmax.hpp>

namespace graft::layers {

struct SoftmaxOptions {
  Axes axis = -1;
  std::string name = {};  ///< empty: "softmax", "softmax_1", ...
  bool trainable = true;
};

/// y = e^x / sum of e^x over one axis or several. Input and output (batch, ..). No variables.
/// Throws ArgumentError without an axis, ShapeError if the input has no such axis, or if it is the batch or there
/// twice. Source: keras/src/layers/activations/softmax.py; masks are not computed.
template <class Scalar = float>
class Softmax final : public Layer<Scalar> {
 public:
  explicit Softmax(SoftmaxOptions options = {}) : options_(std::move(options)) {
    this->set_identity(options_.name, class_name(), options_.trainable);
    require_an_axis(options_.axis, this->who());
  }

  std::string class_name() const override { return "Softmax"; }
  std::shared_ptr<Layer<Scalar>> share() const override { return std::make_shared<Softmax>(*this); }
  Shape compute_output_shape(const Shape& in) const override {
    this->require_rank(in, 2, Shape::max_rank, "(batch, ..)");
    sample_axes(in, options_.axis, this->who());
    return in;
  }
  std::vector<ValueId> lower(Builder<Scalar>& builder, const std::vector<ValueId>& in) const override {
    const auto axes = sample_axes(builder.shape(in[0]), options_.axis, this->who());
    return {on_joined_axes(builder, in[0], axes, [&](ValueId x, ops::AxisRange range) {
      return builder.template step<steps::Softmax<Scalar>>({x}, ops::SoftmaxKind::softmax, range);
    })};
  }
  void config(ConfigVisitor& c) const override {
    SoftmaxOptions options = this->identified(options_);
    fields(c, options);
  }
  static Softmax from_config(ConfigVisitor& c) {
    SoftmaxOptions options;
    fields(c, options);
    return Softmax(options);
  }

 private:
  static void fields(ConfigVisitor& c, SoftmaxOptions& o) {
    c("name", o.name);
    c("trainable", o.trainable);
    c("axis", o.axis);
  }

  SoftmaxOptions options_;
};

}  // namespace graft::layers
