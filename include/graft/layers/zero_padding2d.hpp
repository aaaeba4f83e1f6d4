#pragma once
#include <graft/layers/margins2d.hpp>

namespace graft::layers {

using ZeroPadding2DOptions = Margins2DOptions;

/// Zeros around images. Input (batch, height, width, channels), output (batch, top + height + bottom, left + width +
/// right, channels). No variables. Throws ArgumentError for a negative padding, ShapeError if the input has other axes.
template <class Scalar = float>
class ZeroPadding2D final : public Margins2D<Scalar> {
 public:
  explicit ZeroPadding2D(Sides2D padding = 1, ZeroPadding2DOptions options = {})
      : Margins2D<Scalar>("ZeroPadding2D", "padding", padding, std::move(options)) {}
  /// ZeroPadding2D({{top, bottom}, {left, right}})
  explicit ZeroPadding2D(const Index (&padding)[2][2], ZeroPadding2DOptions options = {})
      : ZeroPadding2D(Sides2D(padding), std::move(options)) {}

  std::string class_name() const override { return "ZeroPadding2D"; }
  std::shared_ptr<Layer<Scalar>> share() const override { return std::make_shared<ZeroPadding2D>(*this); }
  Shape compute_output_shape(const Shape& in) const override {
    this->require_rank(in, 4, 4, "(batch, height, width, channels)");
    return this->margins().padded(in);
  }
  std::vector<ValueId> lower(Builder<Scalar>& builder, const std::vector<ValueId>& in) const override {
    return {builder.template step<steps::Margins2D<Scalar>>(in, this->margins(), false)};
  }
  static ZeroPadding2D from_config(ConfigVisitor& c) {
    return Margins2D<Scalar>::template read<ZeroPadding2D>(c, "ZeroPadding2D", "padding", 1);
  }
};

}  // namespace graft::layers
