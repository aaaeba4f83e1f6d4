#pragma once
#include <graft/layers/pooling2d.hpp>
#include <graft/steps/max_pooling2d.hpp>

namespace graft::layers {

using MaxPooling2DOptions = Pooling2DOptions;

/// y = the largest element of each window; padding does not count.
/// Input (batch, height, width, channels), output (batch, new height, new width, channels) where an axis of n becomes
/// floor((n - pool) / stride) + 1 with "valid" padding and ceil(n / stride) with "same". No variables.
/// Throws ArgumentError for an option outside its rule, ShapeError if the window does not fit.
template <class Scalar = float>
class MaxPooling2D final : public Pooling2D<Scalar> {
 public:
  explicit MaxPooling2D(Size2D pool_size = 2, MaxPooling2DOptions options = {})
      : Pooling2D<Scalar>("MaxPooling2D", pool_size, std::move(options)) {}

  std::string class_name() const override { return "MaxPooling2D"; }
  std::shared_ptr<Layer<Scalar>> share() const override { return std::make_shared<MaxPooling2D>(*this); }
  std::vector<ValueId> lower(Builder<Scalar>& builder, const std::vector<ValueId>& in) const override {
    return {builder.template step<steps::MaxPooling2D<Scalar>>(in, this->window())};
  }
  static MaxPooling2D from_config(ConfigVisitor& c) { return Pooling2D<Scalar>::template read<MaxPooling2D>(c); }
};

}  // namespace graft::layers
