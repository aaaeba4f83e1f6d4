#pragma once
#include <graft/layers/global_pooling.hpp>
#include <graft/steps/global_max_pooling2d.hpp>

namespace graft::layers {

using GlobalMaxPooling1DOptions = GlobalPoolingOptions;

/// y = the largest value of each channel over the steps.
/// Input (batch, steps, channels), output (batch, channels), with keepdims (batch, 1, channels). No variables. Throws
/// ShapeError if the input has other axes.
template <class Scalar = float>
class GlobalMaxPooling1D final : public GlobalPooling<Scalar, Index> {
 public:
  explicit GlobalMaxPooling1D(GlobalMaxPooling1DOptions options = {})
      : GlobalPooling<Scalar, Index>("GlobalMaxPooling1D", std::move(options)) {}

  std::string class_name() const override { return "GlobalMaxPooling1D"; }
  std::shared_ptr<Layer<Scalar>> share() const override { return std::make_shared<GlobalMaxPooling1D>(*this); }
  std::vector<ValueId> lower(Builder<Scalar>& builder, const std::vector<ValueId>& in) const override {
    return this->template lower_to<steps::GlobalMaxPooling2D<Scalar>>(builder, in);
  }
  static GlobalMaxPooling1D from_config(ConfigVisitor& c) {
    return GlobalPooling<Scalar, Index>::template read<GlobalMaxPooling1D>(c);
  }
};

}  // namespace graft::layers
