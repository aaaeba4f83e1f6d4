#pragma once
#include <graft/ops/group_normalization.hpp>
#include <graft/steps/scale_and_shift.hpp>

namespace graft::steps {

/// Normalizes groups of channels, in every sample by itself.
template <class Scalar>
class GroupNormalization final : public Op<Scalar> {
 public:
  using typename Op<Scalar>::Shapes;

  GroupNormalization(Index groups, Index axis, double epsilon, ScaleAndShift<Scalar> affine)
      : groups_(groups), axis_(axis), epsilon_(epsilon), affine_(std::move(affine)) {}

  std::string kind() const override { return "group_normalization"; }
  Shape shape(Shapes in) const override { return in[0]; }
  std::vector<Variable<Scalar>> variables() const override { return affine_.variables(); }
  std::uint64_t attributes() const override {
    const auto shape = mix(static_cast<std::uint64_t>(groups_), static_cast<std::uint64_t>(axis_));
    return mix(mix(shape, affine_.hash()), hash_number(epsilon_));
  }
  Needs needs(bool, bool) const override { return {.x = true, .y = false}; }
  /// Mean and inverse deviation for each (sample, channel).
  Index saved_bytes(Shapes in, const Shape&) const override { return 2 * channel_bytes(in[0]); }
  /// Forward: what saved holds where nothing is kept. Backward: two sums for each (sample, channel).
  Index work_bytes(Shapes in, const Shape&, Direction) const override {
    return 2 * channel_bytes(in[0]) + ops::group_normalization_work(layout(in[0])) * static_cast<Index>(sizeof(Scalar));
  }

  void forward(Io<Scalar>& io) const override {
    const auto layout = this->layout(io.x[0].shape);
    const Index channels = layout.samples * layout.channels;
    auto* work = static_cast<Scalar*>(io.work);
    Scalar* mean = io.saved ? static_cast<Scalar*>(io.saved) : work;
    ops::group_normalize<Scalar>(layout, groups_, io.x[0].data, epsilon_, affine_.gamma_data(), affine_.beta_data(),
                                 mean, mean + channels, io.y.data, work + 2 * channels);
  }
  void backward(Io<Scalar>& io) const override {
    const auto layout = this->layout(io.x[0].shape);
    const Index channels = layout.samples * layout.channels;
    const auto* mean = static_cast<const Scalar*>(io.saved);
    auto* sum_dy = static_cast<Scalar*>(io.work);
    Scalar* sum_dy_x = sum_dy + channels;
    ops::group_normalization_sums<Scalar>(layout, io.x[0].data, io.dy.data, mean, mean + channels, sum_dy, sum_dy_x,
                                          sum_dy_x + channels);
    for (Index i = 0; i < channels; i += layout.channels) affine_.add_gradients(io, sum_dy + i, sum_dy_x + i);
    if (io.dx[0])
      ops::group_normalization_gradient<Scalar>(layout, groups_, io.x[0].data, io.dy.data, mean, mean + channels,
                                                affine_.gamma_data(), sum_dy, sum_dy_x, io.dx[0].data);
  }

 private:
  ops::ChannelLayout layout(const Shape& x) const { return ops::ChannelLayout::of(x, axis_); }
  Index channel_bytes(const Shape& x) const {
    const auto layout = this->layout(x);
    return layout.samples * layout.channels * static_cast<Index>(sizeof(Scalar));
  }

  Index groups_, axis_;
  double epsilon_;
  ScaleAndShift<Scalar> affine_;
};

}  // namespace graft::steps
