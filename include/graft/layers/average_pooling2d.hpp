#pragma once
#include <graft/layers/pooling.hpp>
#include <graft/steps/average_pooling2d.hpp>

namespace graft::layers {

using AveragePooling2DOptions = PoolingOptions<Size2D>;

/// y = the mean of the elements of each window; padding does not count.
/// Input (batch, height, width, channels), output (batch, new height, new width, channels) where an axis of n becomes
/// floor((n - pool) / stride) + 1 with "valid" padding and ceil(n / stride) with "same". No variables.
/// Throws ArgumentError for an option outside its rule, ShapeError if the window does not fit.
template <class Scalar = float>
class AveragePooling2D final : public Pooling<Scalar, Size2D> {
 public:
  explicit AveragePooling2D(Size2D pool_size = 2, AveragePooling2DOptions options = {})
      : Pooling<Scalar, Size2D>("AveragePooling2D", pool_size, std::move(options)) {}

  std::string class_name() const override { return "AveragePooling2D"; }
  std::shared_ptr<Layer<Scalar>> share() const override { return std::make_shared<AveragePooling2D>(*this); }
  std::vector<ValueId> lower(Builder<Scalar>& builder, const std::vector<ValueId>& in) const override {
    return this->template lower_to<steps::AveragePooling2D<Scalar>>(builder, in);
  }
  static AveragePooling2D from_config(ConfigVisitor& c) {
    return Pooling<Scalar, Size2D>::template read<AveragePooling2D>(c);
  }
};

}  // namespace graft::layers
