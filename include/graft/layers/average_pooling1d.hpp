#pragma once
#include <graft/layers/pooling.hpp>
#include <graft/steps/average_pooling2d.hpp>

namespace graft::layers {

using AveragePooling1DOptions = PoolingOptions<Index>;

/// y = the mean of the elements of each window; padding does not count.
/// Input (batch, steps, channels), output (batch, new steps, channels) where n steps become
/// floor((n - pool) / stride) + 1 with "valid" padding and ceil(n / stride) with "same". No variables.
/// Throws ArgumentError for an option outside its rule, ShapeError if the window does not fit.
template <class Scalar = float>
class AveragePooling1D final : public Pooling<Scalar, Index> {
 public:
  explicit AveragePooling1D(Index pool_size, AveragePooling1DOptions options = {})
      : Pooling<Scalar, Index>("AveragePooling1D", pool_size, std::move(options)) {}

  std::string class_name() const override { return "AveragePooling1D"; }
  std::shared_ptr<Layer<Scalar>> share() const override { return std::make_shared<AveragePooling1D>(*this); }
  std::vector<ValueId> lower(Builder<Scalar>& builder, const std::vector<ValueId>& in) const override {
    return this->template lower_to<steps::AveragePooling2D<Scalar>>(builder, in);
  }
  static AveragePooling1D from_config(ConfigVisitor& c) {
    return Pooling<Scalar, Index>::template read<AveragePooling1D>(c);
  }
};

}  // namespace graft::layers
