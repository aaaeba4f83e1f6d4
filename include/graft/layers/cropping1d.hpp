#pragma once
#include <graft/layers/margins1d.hpp>

namespace graft::layers {

struct Cropping1DOptions {
  std::string name = {};  ///< empty: "cropping1d", "cropping1d_1", ...
  bool trainable = true;
};

/// Sequences without their ends. Input (batch, steps, channels), output (batch, steps - first - last, channels). No
/// variables. Throws ArgumentError for a negative cropping, ShapeError if the input has other axes or nothing is left
/// of it. Source: keras/src/layers/reshaping/cropping1d.py.
template <class Scalar = float>
class Cropping1D final : public Margins1D<Scalar, Cropping1DOptions> {
  using Base = Margins1D<Scalar, Cropping1DOptions>;

 public:
  explicit Cropping1D(Sides1D cropping = 1, Cropping1DOptions options = {})
      : Base("Cropping1D", "cropping", cropping, std::move(options)) {}

  std::string class_name() const override { return "Cropping1D"; }
  std::shared_ptr<Layer<Scalar>> share() const override { return std::make_shared<Cropping1D>(*this); }
  Shape compute_output_shape(const Shape& in) const override {
    this->require_rank(in, 3, 3, "(batch, steps, channels)");
    const Shape out = Spatial<Index>::from_image_shape(this->margins().cropped(Spatial<Index>::image_shape(in)));
    if (in[1] != None && out[1] < 1)
      raise<ShapeError>(this->who(), ": cropping ", this->sides(), " leaves nothing of the input ", in, ".");
    return out;
  }
  std::vector<ValueId> lower(Builder<Scalar>& builder, const std::vector<ValueId>& in) const override {
    return this->lower_to(builder, in, true);
  }
  static Cropping1D from_config(ConfigVisitor& c) {
    return Base::template read<Cropping1D>(c, "Cropping1D", "cropping");
  }
};

}  // namespace graft::layers
