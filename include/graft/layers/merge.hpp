#pragma once
#include <graft/layers/layer.hpp>
#include <graft/steps/merge.hpp>

namespace graft::layers {

struct MergeOptions {
  std::string name = {};  ///< empty: "add", "add_1", ...
  bool trainable = true;
};

/// What layers that merge their inputs element by element share: all but the kind. Inputs of lower rank get axes of
/// length 1 after the batch, and an axis of length 1 repeats: (batch, channels) with (batch, height, width, channels)
/// merges. Source: keras/src/layers/merging/base_merge.py.
template <class Scalar>
class Merge : public Layer<Scalar> {
 public:
  using typename Layer<Scalar>::Shapes;

  std::vector<Shape> compute_output_shapes(Shapes in) const override {
    this->require_inputs(in, 2, kind_ == ops::MergeKind::subtract ? 2 : many);
    for (const Shape& shape : in) this->require_rank(shape, 1, Shape::max_rank, "(batch, ..)");
    return {ops::broadcast_shape(in, this->who())};
  }
  std::vector<ValueId> lower(Builder<Scalar>& builder, const std::vector<ValueId>& in) const override {
    return {builder.template step<steps::Merge<Scalar>>(in, kind_, to_snake_case(this->class_name()))};
  }
  void config(ConfigVisitor& c) const override {
    MergeOptions options = this->identified(options_);
    fields(c, options);
  }

 protected:
  Merge(const std::string& class_name, ops::MergeKind kind, MergeOptions options)
      : kind_(kind), options_(std::move(options)) {
    this->set_identity(options_.name, class_name, options_.trainable);
  }

  template <class L>
  static L read(ConfigVisitor& c) {
    MergeOptions options;
    fields(c, options);
    return L(options);
  }

 private:
  static constexpr Index many = std::numeric_limits<Index>::max();

  static void fields(ConfigVisitor& c, MergeOptions& o) {
    c("name", o.name);
    c("trainable", o.trainable);
  }

  ops::MergeKind kind_;
  MergeOptions options_;
};

}  // namespace graft::layers
