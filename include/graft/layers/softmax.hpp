#pragma once
#include <graft/layers/layer.hpp>
#include <graft/layers/sample_axis.hpp>
#include <graft/steps/softmax.hpp>

namespace graft::layers {

struct SoftmaxOptions {
  Index axis = -1;
  std::string name = {};  ///< empty: "softmax", "softmax_1", ...
  bool trainable = true;
};

/// y = e^x / sum of e^x along one axis. Input and output (batch, ..). No variables.
/// Throws ShapeError if the input has no such axis, or if it is the batch.
template <class Scalar = float>
class Softmax final : public Layer<Scalar> {
 public:
  explicit Softmax(SoftmaxOptions options = {}) : options_(std::move(options)) {
    this->set_identity(options_.name, class_name(), options_.trainable);
  }

  std::string class_name() const override { return "Softmax"; }
  std::shared_ptr<Layer<Scalar>> share() const override { return std::make_shared<Softmax>(*this); }
  Shape compute_output_shape(const Shape& in) const override {
    this->require_rank(in, 2, Shape::max_rank, "(batch, ..)");
    sample_axis(in, options_.axis, this->who());
    return in;
  }
  std::vector<ValueId> lower(Builder<Scalar>& builder, const std::vector<ValueId>& in) const override {
    const Shape shape = builder.shape(in[0]);
    const Index axis = sample_axis(shape, options_.axis, this->who()) - shape.rank();
    return {builder.template step<steps::Softmax<Scalar>>(in, ops::SoftmaxKind::softmax, axis)};
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
