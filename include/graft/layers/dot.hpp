#pragma once
#include <graft/layers/layer.hpp>
#include <graft/layers/sample_axis.hpp>
#include <graft/steps/batch_dot.hpp>
#include <graft/steps/unit_length.hpp>

namespace graft::layers {

/// The axes that Dot sums over: 1, or {1, 2} for the first and the second input. Negative counts from the end.
struct DotAxes {
  Index first = -1, second = -1;
  bool same = true;  ///< given as one number, and saved so

  DotAxes() = default;
  template <std::integral I>
  DotAxes(I both) : first(static_cast<Index>(both)), second(first) {}
  template <std::integral I, std::integral J>
  DotAxes(I x, J y) : first(static_cast<Index>(x)), second(static_cast<Index>(y)), same(false) {}
};

struct DotOptions {
  bool normalize = false;  ///< to length 1 along the axes: y is then the cosine of the angle
  std::string name = {};   ///< empty: "dot", "dot_1", ...
  bool trainable = true;
};

/// The product of two inputs, sample by sample, summed over an axis of each: layers::Dot({1, 2})({x, y}). Output
/// (batch, the other axes of the first, those of the second); (batch, 1) where there are none. No variables. Throws
/// ArgumentError unless there are two inputs, ShapeError if an axis does not exist or is the batch, or if the lengths
/// of the two axes differ. Source: keras/src/layers/merging/dot.py.
template <class Scalar = float>
class Dot final : public Layer<Scalar> {
 public:
  using typename Layer<Scalar>::Shapes;

  explicit Dot(DotAxes axes, DotOptions options = {}) : axes_(axes), options_(std::move(options)) {
    this->set_identity(options_.name, class_name(), options_.trainable);
  }

  std::string class_name() const override { return "Dot"; }
  std::shared_ptr<Layer<Scalar>> share() const override { return std::make_shared<Dot>(*this); }
  std::vector<Shape> compute_output_shapes(Shapes in) const override {
    this->require_inputs(in, 2, 2);
    for (const Shape& shape : in) this->require_rank(shape, 2, Shape::max_rank, "(batch, ..)");
    return {ops::batch_dot_shape(in[0], in[1], axes_of(in[0], in[1]), this->who())};
  }
  std::vector<ValueId> lower(Builder<Scalar>& builder, const std::vector<ValueId>& in) const override {
    const ops::DotAxes axes = axes_of(builder.shape(in[0]), builder.shape(in[1]));
    if (!options_.normalize) return {builder.template step<steps::BatchDot<Scalar>>(in, axes)};
    const ValueId x = builder.template step<steps::UnitLength<Scalar>>({in[0]}, axes.x);
    const ValueId y = builder.template step<steps::UnitLength<Scalar>>({in[1]}, axes.y);
    return {builder.template step<steps::BatchDot<Scalar>>({x, y}, axes)};
  }
  void config(ConfigVisitor& c) const override {
    std::vector<Index> axes{axes_.first};
    if (!axes_.same) axes.push_back(axes_.second);
    DotOptions options = this->identified(options_);
    fields(c, axes, options);
  }
  static Dot from_config(ConfigVisitor& c) {
    std::vector<Index> axes;
    DotOptions options;
    fields(c, axes, options);
    if (axes.size() != 1 && axes.size() != 2)
      raise<ArgumentError>("Dot '", options.name, "': axes must be one axis or two, got ", axes.size(), ".");
    return axes.size() == 1 ? Dot(axes[0], options) : Dot({axes[0], axes[1]}, options);
  }

 private:
  static void fields(ConfigVisitor& c, std::vector<Index>& axes, DotOptions& o) {
    c("name", o.name);
    c("trainable", o.trainable);
    if (!c.reading() && axes.size() == 1)
      c("axes", axes[0]);
    else
      c("axes", axes);
    c("normalize", o.normalize);
  }
  ops::DotAxes axes_of(const Shape& x, const Shape& y) const {
    return {sample_axis(x, axes_.first, this->who()), sample_axis(y, axes_.second, this->who())};
  }

  DotAxes axes_;
  DotOptions options_;
};

}  // namespace graft::layers
