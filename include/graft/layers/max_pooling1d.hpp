#pragma once
#include <graft/layers/pooling.hpp>
#include <graft/steps/max_pooling2d.hpp>

namespace graft::layers {

using MaxPooling1DOptions = PoolingOptions<Index>;

/// y = the largest element of each window; padding does not count.
/// Input (batch, steps, channels), output (batch, new steps, channels) where n steps become
/// floor((n - pool) / stride) + 1 with "valid" padding and ceil(n / stride) with "same". No variables.
/// Throws ArgumentError for an option outside its rule, ShapeError if the window does not fit.
template <class Scalar = float>
class MaxPooling1D final : public Pooling<Scalar, Index> {
 public:
  explicit MaxPooling1D(Index pool_size = 2, MaxPooling1DOptions options = {})
      : Pooling<Scalar, Index>("MaxPooling1D", pool_size, std::move(options)) {}

  std::string class_name() const override { return "MaxPooling1D"; }
  std::shared_ptr<Layer<Scalar>> share() const override { return std::make_shared<MaxPooling1D>(*this); }
  std::vector<ValueId> lower(Builder<Scalar>& builder, const std::vector<ValueId>& in) const override {
    return this->template lower_to<steps::MaxPooling2D<Scalar>>(builder, in);
  }
  static MaxPooling1D from_config(ConfigVisitor& c) { return Pooling<Scalar, Index>::template read<MaxPooling1D>(c); }
};

}  // namespace graft::layers
