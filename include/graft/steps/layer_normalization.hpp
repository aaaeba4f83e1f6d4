#pragma once
#include <graft/ops/layer_normalization.hpp>
#include <graft/steps/scale_and_shift.hpp>

namespace graft::steps {

/// Normalizes every position over axes other than the batch.
template <class Scalar>
class LayerNormalization final : public Op<Scalar> {
 public:
  using typename Op<Scalar>::Shapes;

  LayerNormalization(ops::AxisRange axes, double epsilon, ops::ScaleOnly scale_only, ScaleAndShift<Scalar> affine)
      : axes_(axes), epsilon_(epsilon), scale_only_(scale_only), affine_(std::move(affine)) {}

  std::string kind() const override { return "layer_normalization"; }
  Shape shape(Shapes in) const override { return in[0]; }
  std::vector<Variable<Scalar>> variables() const override { return affine_.variables(); }
  std::uint64_t attributes() const override {
    const auto flags = affine_.hash() * 2 + (scale_only_ == ops::ScaleOnly::yes);
    return mix(mix(axes_.hash(), flags), hash_number(epsilon_));
  }
  Needs needs(bool, bool) const override { return {.x = true, .y = false}; }
  /// Mean and inverse deviation of each position.
  Index saved_bytes(Shapes in, const Shape&) const override { return bytes(2 * layout(in[0]).positions()); }
  /// Forward: what saved holds where nothing is kept. Backward: two sums for each channel, then the sums' own scratch
  /// or that of the gradient.
  Index work_bytes(Shapes in, const Shape&, Direction direction) const override {
    const auto layout = this->layout(in[0]);
    if (direction == Direction::forward) return bytes(2 * layout.positions());
    return bytes(2 * layout.channels +
                 std::max(ops::layer_normalization_sums_work(layout), ops::layer_normalization_gradient_work(layout)));
  }

  void forward(Io<Scalar>& io) const override {
    const auto layout = this->layout(io.x[0].shape);
    auto* mean = static_cast<Scalar*>(io.saved ? io.saved : io.work);
    ops::layer_normalize<Scalar>(layout, io.x[0].data, epsilon_, scale_only_, affine_.gamma_data(), affine_.beta_data(),
                                 mean, mean + layout.positions(), io.y.data);
  }
  void backward(Io<Scalar>& io) const override {
    const auto layout = this->layout(io.x[0].shape);
    const auto* mean = static_cast<const Scalar*>(io.saved);
    const Scalar* deviation = mean + layout.positions();
    auto* sum_dy = static_cast<Scalar*>(io.work);
    Scalar *sum_dy_y = sum_dy + layout.channels, *work = sum_dy_y + layout.channels;
    if (std::any_of(io.dw.begin(), io.dw.end(), [](const auto& dw) { return dw.data != nullptr; })) {
      ops::layer_normalization_sums<Scalar>(layout, io.x[0].data, io.dy.data, scale_only_, mean, deviation, sum_dy,
                                            sum_dy_y, work);
      affine_.add_gradients(io, sum_dy, sum_dy_y);
    }
    if (io.dx[0])
      ops::layer_normalization_gradient<Scalar>(layout, io.x[0].data, io.dy.data, scale_only_, mean, deviation,
                                                affine_.gamma_data(), io.dx[0].data, work);
  }

 private:
  static Index bytes(Index elements) { return elements * static_cast<Index>(sizeof(Scalar)); }
  ops::ChannelLayout layout(const Shape& x) const { return ops::ChannelLayout::of(x, axes_); }

  ops::AxisRange axes_;
  double epsilon_;
  ops::ScaleOnly scale_only_;
  ScaleAndShift<Scalar> affine_;
};

}  // namespace graft::steps
