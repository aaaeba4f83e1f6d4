#pragma once
#include <graft/layers/pooling.hpp>
#include <graft/steps/max_pooling2d.hpp>

namespace graft::layers {

using MaxPooling2DOptions = PoolingOptions<Size2D>;

/// y = the largest element of each window; padding does not count.
/// Input (batch, height, width, channels), output (batch, new height, new width, channels) where an axis of n becomes
/// floor((n - pool) / stride) + 1 with "valid" padding and ceil(n / stride) with "same". No variables.
/// Throws ArgumentError for an option outside its rule, ShapeError if the window does not fit.
template <class Scalar = float>
class MaxPooling2D final : public Pooling<Scalar, Size2D> {
 public:
  explicit MaxPooling2D(Size2D pool_size = 2, MaxPooling2DOptions options = {})
      : Pooling<Scalar, Size2D>("MaxPooling2D", pool_size, std::move(options)) {}

  std::string class_name() const override { return "MaxPooling2D"; }
  std::shared_ptr<Layer<Scalar>> share() const override { return std::make_shared<MaxPooling2D>(*this); }
  std::vector<ValueId> lower(Builder<Scalar>& builder, const std::vector<ValueId>& in) const override {
    return this->template lower_to<steps::MaxPooling2D<Scalar>>(builder, in);
  }
  static MaxPooling2D from_config(ConfigVisitor& c) { return Pooling<Scalar, Size2D>::template read<MaxPooling2D>(c); }
};

}  // namespace graft::layers
