#pragma once
#include <graft/layers/margins2d.hpp>

namespace graft::layers {

using Cropping2DOptions = Margins2DOptions;

/// Images without their margins. Input (batch, height, width, channels), output (batch, height - top - bottom, width -
/// left - right, channels). No variables. Throws ArgumentError for a negative cropping, ShapeError if the input has
/// other axes or nothing is left of it.
template <class Scalar = float>
class Cropping2D final : public Margins2D<Scalar> {
 public:
  explicit Cropping2D(Sides2D cropping = 0, Cropping2DOptions options = {})
      : Margins2D<Scalar>("Cropping2D", "cropping", cropping, std::move(options)) {}
  /// Cropping2D({{top, bottom}, {left, right}})
  explicit Cropping2D(const Index (&cropping)[2][2], Cropping2DOptions options = {})
      : Cropping2D(Sides2D(cropping), std::move(options)) {}

  std::string class_name() const override { return "Cropping2D"; }
  std::shared_ptr<Layer<Scalar>> share() const override { return std::make_shared<Cropping2D>(*this); }
  Shape compute_output_shape(const Shape& in) const override {
    this->require_rank(in, 4, 4, "(batch, height, width, channels)");
    const Shape out = this->margins().cropped(in);
    for (const Index axis : {Index{1}, Index{2}})
      if (in[axis] != None && out[axis] < 1)
        raise<ShapeError>(this->who(), ": cropping ", this->sides(), " leaves nothing of the input ", in, ".");
    return out;
  }
  std::vector<ValueId> lower(Builder<Scalar>& builder, const std::vector<ValueId>& in) const override {
    return {builder.template step<steps::Margins2D<Scalar>>(in, this->margins(), true)};
  }
  static Cropping2D from_config(ConfigVisitor& c) {
    return Margins2D<Scalar>::template read<Cropping2D>(c, "Cropping2D", "cropping", 0);
  }
};

}  // namespace graft::layers
