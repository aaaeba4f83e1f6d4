#pragma once
#include <graft/layers/global_pooling.hpp>
#include <graft/steps/global_max_pooling2d.hpp>

namespace graft::layers {

using GlobalMaxPooling2DOptions = GlobalPoolingOptions;

/// y = the largest value of each channel over height and width.
/// Input (batch, height, width, channels), output (batch, channels), with keepdims (batch, 1, 1, channels). No
/// variables. Throws ShapeError if the input has other axes.
template <class Scalar = float>
class GlobalMaxPooling2D final : public GlobalPooling<Scalar, Size2D> {
 public:
  explicit GlobalMaxPooling2D(GlobalMaxPooling2DOptions options = {})
      : GlobalPooling<Scalar, Size2D>("GlobalMaxPooling2D", std::move(options)) {}

  std::string class_name() const override { return "GlobalMaxPooling2D"; }
  std::shared_ptr<Layer<Scalar>> share() const override { return std::make_shared<GlobalMaxPooling2D>(*this); }
  std::vector<ValueId> lower(Builder<Scalar>& builder, const std::vector<ValueId>& in) const override {
    return this->template lower_to<steps::GlobalMaxPooling2D<Scalar>>(builder, in);
  }
  static GlobalMaxPooling2D from_config(ConfigVisitor& c) {
    return GlobalPooling<Scalar, Size2D>::template read<GlobalMaxPooling2D>(c);
  }
};

}  // namespace graft::layers
