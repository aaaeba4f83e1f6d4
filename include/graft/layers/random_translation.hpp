#pragma once
#include <graft/layers/random_affine.hpp>

namespace graft::layers {

using RandomTranslationOptions = RandomAffineOptions;

/// In training: each image moved down by a fraction of its height uniform in `height_factor` and to the right by one of
/// its width uniform in `width_factor`; fractions of pixels interpolate. In inference y = x. Input and output (batch,
/// height, width, channels). No variables.
/// Throws ArgumentError if a factor is outside -1 .. 1 or for an unknown mode, ShapeError for other axes.
template <class Scalar = float>
class RandomTranslation final : public RandomAffine<Scalar> {
 public:
  RandomTranslation(RandomFactor height_factor, RandomFactor width_factor, RandomTranslationOptions options = {})
      : RandomAffine<Scalar>("RandomTranslation", std::move(options)), height_(height_factor), width_(width_factor) {
    height_.require_in_unit(this->who(), "height_factor");
    width_.require_in_unit(this->who(), "width_factor");
  }

  std::string class_name() const override { return "RandomTranslation"; }
  std::shared_ptr<Layer<Scalar>> share() const override { return std::make_shared<RandomTranslation>(*this); }
  std::vector<ValueId> lower(Builder<Scalar>& builder, const std::vector<ValueId>& in) const override {
    const auto draw = [down = height_.range(), right = width_.range()](const RandomStream& numbers, Index height,
                                                                       Index width) {
      return ops::random_translation(numbers, down, right, height, width);
    };
    return this->lower_to(builder, in, "random_translation", draw, mix(height_.hash(), width_.hash()));
  }
  void config(ConfigVisitor& c) const override {
    RandomFactor height = height_, width = width_;
    RandomTranslationOptions options = this->current_options();
    fields(c, height, width, options);
  }
  static RandomTranslation from_config(ConfigVisitor& c) {
    RandomFactor height = 0, width = 0;
    RandomTranslationOptions options;
    fields(c, height, width, options);
    return RandomTranslation(height, width, options);
  }

 private:
  static void fields(ConfigVisitor& c, RandomFactor& height, RandomFactor& width, RandomTranslationOptions& o) {
    RandomAffine<Scalar>::identity_fields(c, o);
    c("height_factor", height);
    c("width_factor", width);
    RandomAffine<Scalar>::style_fields(c, o);
  }

  RandomFactor height_, width_;
};

}  // namespace graft::layers
