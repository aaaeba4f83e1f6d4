#pragma once
#include <graft/layers/layer.hpp>
#include <graft/steps/prelu.hpp>

namespace graft::layers {

struct PReLUOptions {
  Initializer alpha_initializer = "zeros";
  Regularizer alpha_regularizer = {};
  Constraint alpha_constraint = {};
  std::vector<Index> shared_axes = {};  ///< 1 is the first after the batch; {1, 2}: one alpha per channel of an image
  std::string name = {};                ///< empty: "p_re_lu", "p_re_lu_1", ...
  bool trainable = true;
};

/// y = x where x > 0, alpha x elsewhere, with an alpha that learns. Input and output (batch, ..). Variable: alpha, of
/// the shape of a sample, and of length 1 along shared_axes.
/// Throws ArgumentError for a shared axis below 1, ShapeError if there is no such axis, if an axis that is not shared
/// is unknown or if it changes. Source: He et al. 2015, keras/src/layers/activations/prelu.py.
template <class Scalar = float>
class PReLU final : public Layer<Scalar> {
 public:
  explicit PReLU(PReLUOptions options = {}) : options_(std::move(options)) {
    this->set_identity(options_.name, class_name(), options_.trainable);
    for (const Index axis : options_.shared_axes)
      if (axis < 1)
        raise<ArgumentError>(this->who(), ": shared_axes count from 1, the first axis after the batch, got ", axis,
                             ".");
    alpha_ =
        this->add_weight("alpha", {.regularizer = options_.alpha_regularizer, .constraint = options_.alpha_constraint});
  }

  std::string class_name() const override { return "PReLU"; }
  std::shared_ptr<Layer<Scalar>> share() const override { return std::make_shared<PReLU>(*this); }
  const Variable<Scalar>& alpha() const { return *alpha_; }

  void build(const Shape& in) const override { this->initialize(*alpha_, alpha_shape(in), options_.alpha_initializer); }
  Shape compute_output_shape(const Shape& in) const override {
    this->require_rank(in, 2, Shape::max_rank, "(batch, ..)");
    const Shape shape = alpha_shape(in);
    if (!shape.is_known())
      raise<ShapeError>(this->who(), " needs to know all axes of its input that are not shared, got ", in,
                        ". Give Input() those axes, or list them in shared_axes.");
    if (alpha_->allocated() && shape != alpha_->shape())
      raise<ShapeError>(this->who(), " has an alpha of shape ", alpha_->shape(), ", which does not fit the input ", in,
                        ".");
    return in;
  }
  std::vector<ValueId> lower(Builder<Scalar>& builder, const std::vector<ValueId>& in) const override {
    return {builder.template step<steps::PReLU<Scalar>>(in, *alpha_)};
  }
  void config(ConfigVisitor& c) const override {
    PReLUOptions options = this->identified(options_);
    fields(c, options);
  }
  static PReLU from_config(ConfigVisitor& c) {
    PReLUOptions options;
    fields(c, options);
    return PReLU(options);
  }

 private:
  static void fields(ConfigVisitor& c, PReLUOptions& o) {
    c("name", o.name);
    c("trainable", o.trainable);
    c("alpha_initializer", o.alpha_initializer);
    c("alpha_regularizer", o.alpha_regularizer);
    c("alpha_constraint", o.alpha_constraint);
    std::optional<Index> none;
    if (!c.reading() && o.shared_axes.empty())
      c("shared_axes", none);
    else
      c("shared_axes", o.shared_axes);
  }
  Shape alpha_shape(const Shape& in) const {
    Shape shape = in.without_batch();
    for (const Index axis : options_.shared_axes) {
      if (axis >= in.rank()) raise<ShapeError>(this->who(), ": its input ", in, " has no axis ", axis, " to share.");
      shape[axis - 1] = 1;
    }
    return shape;
  }

  PReLUOptions options_;
  std::optional<Variable<Scalar>> alpha_;
};

}  // namespace graft::layers
