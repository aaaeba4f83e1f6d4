#pragma once
#include <graft/layers/global_pooling.hpp>
#include <graft/steps/global_average_pooling2d.hpp>

namespace graft::layers {

using GlobalAveragePooling2DOptions = GlobalPoolingOptions;

/// y = the mean of each channel over height and width.
/// Input (batch, height, width, channels), output (batch, channels), with keepdims (batch, 1, 1, channels). No
/// variables. Throws ShapeError if the input has other axes.
template <class Scalar = float>
class GlobalAveragePooling2D final : public GlobalPooling<Scalar, Size2D> {
 public:
  explicit GlobalAveragePooling2D(GlobalAveragePooling2DOptions options = {})
      : GlobalPooling<Scalar, Size2D>("GlobalAveragePooling2D", std::move(options)) {}

  std::string class_name() const override { return "GlobalAveragePooling2D"; }
  std::shared_ptr<Layer<Scalar>> share() const override { return std::make_shared<GlobalAveragePooling2D>(*this); }
  std::vector<ValueId> lower(Builder<Scalar>& builder, const std::vector<ValueId>& in) const override {
    return this->template lower_to<steps::GlobalAveragePooling2D<Scalar>>(builder, in);
  }
  static GlobalAveragePooling2D from_config(ConfigVisitor& c) {
    return GlobalPooling<Scalar, Size2D>::template read<GlobalAveragePooling2D>(c);
  }
};

}  // namespace graft::layers
