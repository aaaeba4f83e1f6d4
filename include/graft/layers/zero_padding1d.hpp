#pragma once
#include <graft/layers/margins1d.hpp>

namespace graft::layers {

struct ZeroPadding1DOptions {
  std::string data_format = "channels_last";
  std::string name = {};  ///< empty: "zero_padding1d", "zero_padding1d_1", ...
  bool trainable = true;
};

/// Zeros at the ends of sequences. Input (batch, steps, channels), output (batch, first + steps + last, channels). No
/// variables. Throws ArgumentError for a negative padding, ShapeError if the input has other axes.
/// Source: keras/src/layers/reshaping/zero_padding1d.py.
template <class Scalar = float>
class ZeroPadding1D final : public Margins1D<Scalar, ZeroPadding1DOptions> {
  using Base = Margins1D<Scalar, ZeroPadding1DOptions>;

 public:
  explicit ZeroPadding1D(Sides1D padding = 1, ZeroPadding1DOptions options = {})
      : Base("ZeroPadding1D", "padding", padding, std::move(options)) {}

  std::string class_name() const override { return "ZeroPadding1D"; }
  std::shared_ptr<Layer<Scalar>> share() const override { return std::make_shared<ZeroPadding1D>(*this); }
  Shape compute_output_shape(const Shape& in) const override {
    this->require_rank(in, 3, 3, "(batch, steps, channels)");
    return Spatial<Index>::from_image_shape(this->margins().padded(Spatial<Index>::image_shape(in)));
  }
  std::vector<ValueId> lower(Builder<Scalar>& builder, const std::vector<ValueId>& in) const override {
    return this->lower_to(builder, in, false);
  }
  static ZeroPadding1D from_config(ConfigVisitor& c) {
    return Base::template read<ZeroPadding1D>(c, "ZeroPadding1D", "padding");
  }
};

}  // namespace graft::layers
