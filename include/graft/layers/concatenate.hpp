#pragma once
#include <graft/layers/layer.hpp>
#include <graft/layers/sample_axis.hpp>
#include <graft/steps/concatenate.hpp>

namespace graft::layers {

struct ConcatenateOptions {
  Index axis = -1;
  std::string name = {};  ///< empty: "concatenate", "concatenate_1", ...
  bool trainable = true;
};

/// The inputs one after the other along an axis: layers::Concatenate()({x, y}). No variables.
/// Throws ArgumentError for fewer than two inputs, ShapeError if another axis differs or `axis` is the batch.
template <class Scalar = float>
class Concatenate final : public Layer<Scalar> {
 public:
  using typename Layer<Scalar>::Shapes;

  explicit Concatenate(ConcatenateOptions options = {}) : options_(std::move(options)) {
    this->set_identity(options_.name, class_name(), options_.trainable);
  }

  std::string class_name() const override { return "Concatenate"; }
  std::shared_ptr<Layer<Scalar>> share() const override { return std::make_shared<Concatenate>(*this); }
  std::vector<Shape> compute_output_shapes(Shapes in) const override {
    this->require_inputs(in, 2, std::numeric_limits<Index>::max());
    for (const Shape& shape : in) this->require_rank(shape, 2, Shape::max_rank, "(batch, ..)");
    sample_axis(in[0], options_.axis, this->who());
    return {ops::concatenate_shape(in, options_.axis, this->who())};
  }
  std::vector<ValueId> lower(Builder<Scalar>& builder, const std::vector<ValueId>& in) const override {
    const Shape shape = builder.shape(in[0]);
    const Index axis = sample_axis(shape, options_.axis, this->who()) - shape.rank();
    return {builder.template step<steps::Concatenate<Scalar>>(in, axis)};
  }
  void config(ConfigVisitor& c) const override {
    ConcatenateOptions options = this->identified(options_);
    fields(c, options);
  }
  static Concatenate from_config(ConfigVisitor& c) {
    ConcatenateOptions options;
    fields(c, options);
    return Concatenate(options);
  }

 private:
  static void fields(ConfigVisitor& c, ConcatenateOptions& o) {
    c("name", o.name);
    c("trainable", o.trainable);
    c("axis", o.axis);
  }

  ConcatenateOptions options_;
};

}  // namespace graft::layers
