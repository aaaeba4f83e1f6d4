#pragma once
#include <graft/layers/global_pooling.hpp>
#include <graft/steps/global_average_pooling2d.hpp>

namespace graft::layers {

using GlobalAveragePooling1DOptions = GlobalPoolingOptions;

/// y = the mean of each channel over the steps.
/// Input (batch, steps, channels), output (batch, channels), with keepdims (batch, 1, channels). No variables. Throws
/// ShapeError if the input has other axes.
template <class Scalar = float>
class GlobalAveragePooling1D final : public GlobalPooling<Scalar, Index> {
 public:
  explicit GlobalAveragePooling1D(GlobalAveragePooling1DOptions options = {})
      : GlobalPooling<Scalar, Index>("GlobalAveragePooling1D", std::move(options)) {}

  std::string class_name() const override { return "GlobalAveragePooling1D"; }
  std::shared_ptr<Layer<Scalar>> share() const override { return std::make_shared<GlobalAveragePooling1D>(*this); }
  std::vector<ValueId> lower(Builder<Scalar>& builder, const std::vector<ValueId>& in) const override {
    return this->template lower_to<steps::GlobalAveragePooling2D<Scalar>>(builder, in);
  }
  static GlobalAveragePooling1D from_config(ConfigVisitor& c) {
    return GlobalPooling<Scalar, Index>::template read<GlobalAveragePooling1D>(c);
  }
};

}  // namespace graft::layers
