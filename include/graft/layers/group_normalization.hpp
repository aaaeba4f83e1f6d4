#pragma once
#include <graft/layers/affine_normalization.hpp>
#include <graft/steps/group_normalization.hpp>

namespace graft::layers {

struct GroupNormalizationOptions {
  Index groups = 32;      ///< -1: as many as channels, which is instance normalization
  Index axis = -1;        ///< the channels
  double epsilon = 1e-3;  ///< added to the variance
  bool center = true;     ///< beta
  bool scale = true;      ///< gamma
  Initializer beta_initializer = "zeros";
  Initializer gamma_initializer = "ones";
  Regularizer beta_regularizer = {};
  Regularizer gamma_regularizer = {};
  Constraint beta_constraint = {};
  Constraint gamma_constraint = {};
  std::string name = {};  ///< empty: "group_normalization", "group_normalization_1", ...
  bool trainable = true;
};

/// y = gamma (x - mean) / sqrt(variance + epsilon) + beta. The channels are cut into groups of neighbours; mean and
/// (biased) variance are those of a group in one sample, over its channels and all other axes. The same in training and
/// inference. Input and output (batch, .., channels), or the channels at `axis`. Variables, both (channels): gamma,
/// beta. Throws ArgumentError for an option outside its rule, ShapeError if groups does not divide the channels or they
/// are unknown or change. Source: Wu and He 2018, keras/src/layers/normalization/group_normalization.py.
template <class Scalar = float>
class GroupNormalization final : public AffineNormalization<Scalar, GroupNormalizationOptions> {
  using Base = AffineNormalization<Scalar, GroupNormalizationOptions>;

 public:
  explicit GroupNormalization(GroupNormalizationOptions options = {})
      : Base("GroupNormalization", options, options.scale, options.center) {
    if (options.groups < 1 && options.groups != -1)
      raise<ArgumentError>(this->who(), ": groups must be at least 1, or -1 for one group a channel, got ",
                           options.groups, ".");
  }

  std::string class_name() const override { return "GroupNormalization"; }
  std::shared_ptr<Layer<Scalar>> share() const override { return std::make_shared<GroupNormalization>(*this); }

  void build(const Shape& in) const override { this->build_affine({this->known_axis(in, this->options().axis)}); }
  Shape compute_output_shape(const Shape& in) const override {
    this->require_rank(in, 2, Shape::max_rank, "(batch, .., channels)");
    const Index channels = this->known_axis(in, this->options().axis);
    this->require_affine_shape({channels}, in);
    if (channels % groups(channels) != 0)
      raise<ShapeError>(this->who(), ": the ", channels, " channels of its input ", in,
                        " are not a multiple of groups = ", groups(channels), ".");
    return in;
  }
  std::vector<ValueId> lower(Builder<Scalar>& builder, const std::vector<ValueId>& in) const override {
    const Shape shape = builder.shape(in[0]);
    const Index axis = sample_axis(shape, this->options().axis, this->who());
    return {builder.template step<steps::GroupNormalization<Scalar>>(in, groups(shape[axis]), axis - shape.rank(),
                                                                     this->options().epsilon, this->affine())};
  }
  void config(ConfigVisitor& c) const override {
    GroupNormalizationOptions options = this->identified(this->options());
    fields(c, options);
  }
  static GroupNormalization from_config(ConfigVisitor& c) {
    GroupNormalizationOptions options;
    fields(c, options);
    return GroupNormalization(options);
  }

 private:
  static void fields(ConfigVisitor& c, GroupNormalizationOptions& o) {
    c("name", o.name);
    c("trainable", o.trainable);
    c("groups", o.groups);
    c("axis", o.axis);
    c("epsilon", o.epsilon);
    c("center", o.center);
    c("scale", o.scale);
    Base::initializer_fields(c, o);
    Base::penalty_fields(c, o);
  }
  Index groups(Index channels) const { return this->options().groups == -1 ? channels : this->options().groups; }
};

}  // namespace graft::layers
