#pragma once
#include <graft/layers/random_affine.hpp>

namespace graft::layers {

using RandomRotationOptions = RandomAffineOptions;

/// In training: each image turned around its centre by an angle uniform in `factor`, a fraction of a full turn,
/// positive counter-clockwise: 0.1 is -36 .. 36 degrees. In inference y = x. Input and output (batch, height, width,
/// channels). No variables. Throws ArgumentError if factor is outside -1 .. 1 or for an unknown mode, ShapeError for
/// other axes.
template <class Scalar = float>
class RandomRotation final : public RandomAffine<Scalar> {
 public:
  explicit RandomRotation(RandomFactor factor, RandomRotationOptions options = {})
      : RandomAffine<Scalar>("RandomRotation", std::move(options)), factor_(factor) {
    factor_.require_in_unit(this->who(), "factor");
  }

  std::string class_name() const override { return "RandomRotation"; }
  std::shared_ptr<Layer<Scalar>> share() const override { return std::make_shared<RandomRotation>(*this); }
  std::vector<ValueId> lower(Builder<Scalar>& builder, const std::vector<ValueId>& in) const override {
    const auto draw = [turns = factor_.range()](const RandomStream& numbers, Index height, Index width) {
      return ops::random_rotation(numbers, turns, height, width);
    };
    return this->lower_to(builder, in, "random_rotation", draw, factor_.hash());
  }
  void config(ConfigVisitor& c) const override {
    RandomFactor factor = factor_;
    RandomRotationOptions options = this->current_options();
    fields(c, factor, options);
  }
  static RandomRotation from_config(ConfigVisitor& c) {
    RandomFactor factor = 0;
    RandomRotationOptions options;
    fields(c, factor, options);
    return RandomRotation(factor, options);
  }

 private:
  static void fields(ConfigVisitor& c, RandomFactor& factor, RandomRotationOptions& o) {
    RandomAffine<Scalar>::identity_fields(c, o);
    c("factor", factor);
    RandomAffine<Scalar>::style_fields(c, o);
  }

  RandomFactor factor_;
};

}  // namespace graft::layers
