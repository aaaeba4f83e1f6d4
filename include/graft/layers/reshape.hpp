#pragma once
#include <graft/layers/layer.hpp>

namespace graft::layers {

struct ReshapeOptions {
  std::string name = {};  ///< empty: "reshape", "reshape_1", ...
  bool trainable = true;
};

/// The same elements, row-major, under other axes: (batch, ..) -> (batch, target_shape..). One entry of target_shape
/// may be -1 and is then inferred. Costs nothing: the output is the input's memory. No variables. Throws ArgumentError
/// for an entry that is no length, ShapeError if the numbers of elements differ.
template <class Scalar = float>
class Reshape final : public Layer<Scalar> {
 public:
  explicit Reshape(const Shape& target_shape, ReshapeOptions options = {})
      : target_shape_(target_shape), options_(std::move(options)) {
    this->set_identity(options_.name, class_name(), options_.trainable);
    if (target_shape_.rank() == Shape::max_rank)
      raise<ArgumentError>(this->who(), ": target_shape may have ", Shape::max_rank - 1, " axes, got ", target_shape_,
                           ".");
    if (std::count(target_shape_.begin(), target_shape_.end(), None) > 1)
      raise<ArgumentError>(this->who(), ": only one entry of target_shape may be -1, got ", target_shape_, ".");
    for (const Index axis : target_shape_)
      if (axis != None && axis < 1)
        raise<ArgumentError>(this->who(), ": target_shape must hold lengths or one -1, got ", target_shape_, ".");
  }

  std::string class_name() const override { return "Reshape"; }
  std::shared_ptr<Layer<Scalar>> share() const override { return std::make_shared<Reshape>(*this); }
  Shape compute_output_shape(const Shape& in) const override {
    this->require_rank(in, 1, Shape::max_rank, "(batch, ..)");
    return reshaped(in, target_shape_, this->who());
  }
  std::vector<ValueId> lower(Builder<Scalar>& builder, const std::vector<ValueId>& in) const override {
    return {builder.alias(
        in[0], [target = target_shape_, who = this->who()](const Shape& s) { return reshaped(s, target, who); })};
  }
  void config(ConfigVisitor& c) const override {
    std::vector<Index> target(target_shape_.begin(), target_shape_.end());
    ReshapeOptions options = this->identified(options_);
    fields(c, target, options);
  }
  static Reshape from_config(ConfigVisitor& c) {
    std::vector<Index> target;
    ReshapeOptions options;
    fields(c, target, options);
    return Reshape(Shape(target), options);
  }

 private:
  static void fields(ConfigVisitor& c, std::vector<Index>& target, ReshapeOptions& o) {
    c("name", o.name);
    c("trainable", o.trainable);
    c("target_shape", target);
  }
  static Shape reshaped(const Shape& in, const Shape& target, const std::string& who) {
    Shape out = target.with_batch(in.front());
    const Shape sample = in.without_batch();
    if (!sample.is_known()) return out;
    Index known = 1, open = 0;
    for (Index i = 1; i < out.rank(); ++i) (out[i] == None ? open : known) = out[i] == None ? i : known * out[i];
    if (open > 0) out[open] = sample.elements() / known;
    if (out.sample_elements() != sample.elements())
      raise<ShapeError>(who, ": an input of shape ", in, " has ", sample.elements(),
                        " elements per sample, which does not fit target_shape ", target, ".");
    return out;
  }

  Shape target_shape_;
  ReshapeOptions options_;
};

}  // namespace graft::layers
