#pragma once
#include <graft/ops/normalization.hpp>
#include <graft/steps/scale_and_shift.hpp>

namespace graft::steps {

/// The variables and constants of a batch normalization.
template <class Scalar>
struct Normalization {
  Index axis = -1;
  double momentum = 0.99, epsilon = 1e-3;
  ScaleAndShift<Scalar> affine = {};
  Variable<Scalar> moving_mean, moving_variance;

  std::uint64_t hash() const {
    return mix(mix(static_cast<std::uint64_t>(axis), affine.hash()), mix(hash_number(momentum), hash_number(epsilon)));
  }
};

/// Normalizes by the statistics of the batch and moves the moving ones: training mode.
template <class Scalar>
class BatchNormalization final : public Op<Scalar> {
 public:
  using typename Op<Scalar>::Shapes;

  explicit BatchNormalization(Normalization<Scalar> n) : n_(std::move(n)), channels_(n_.moving_mean.size()) {}

  std::string kind() const override { return "batch_normalization"; }
  Shape shape(Shapes in) const override { return in[0]; }
  std::vector<Variable<Scalar>> variables() const override { return n_.affine.variables(); }
  std::vector<Variable<Scalar>> updates() const override { return {n_.moving_mean, n_.moving_variance}; }
  bool pure() const override { return false; }
  std::uint64_t attributes() const override { return n_.hash(); }
  Needs needs(bool, bool) const override { return {.x = true, .y = false}; }
  /// Mean and inverse deviation.
  Index saved_bytes(Shapes, const Shape&) const override { return bytes(2 * channels_); }
  /// Forward: variance, and what saved holds where nothing is kept. Backward: two sums.
  Index work_bytes(Shapes in, const Shape&, Direction direction) const override {
    return bytes(ops::normalization_work(layout(in[0])) + (direction == Direction::forward ? 3 : 2) * channels_);
  }

  void forward(Io<Scalar>& io) const override {
    const auto layout = this->layout(io.x[0].shape);
    auto* variance = static_cast<Scalar*>(io.work);
    Scalar* mean = io.saved ? static_cast<Scalar*>(io.saved) : variance + channels_;
    Scalar* deviation = mean + channels_;
    ops::batch_statistics<Scalar>(layout, io.x[0].data, mean, variance, variance + 3 * channels_);
    ops::inverse_deviation<Scalar>(variance, n_.epsilon, deviation, channels_);
    move(n_.moving_mean, mean);
    move(n_.moving_variance, variance);
    ops::normalize<Scalar>(layout, io.x[0].data, mean, deviation, n_.affine.gamma_data(), n_.affine.beta_data(),
                           io.y.data);
  }
  void backward(Io<Scalar>& io) const override {
    const auto layout = this->layout(io.x[0].shape);
    const auto* mean = static_cast<const Scalar*>(io.saved);
    const Scalar* deviation = mean + channels_;
    auto* sum_dy = static_cast<Scalar*>(io.work);
    Scalar* sum_dy_x = sum_dy + channels_;
    ops::normalization_sums<Scalar>(layout, io.x[0].data, io.dy.data, mean, deviation, sum_dy, sum_dy_x,
                                    sum_dy_x + channels_);
    n_.affine.add_gradients(io, sum_dy, sum_dy_x);
    if (io.dx[0])
      ops::normalization_gradient<Scalar>(layout, io.x[0].data, io.dy.data, mean, deviation, n_.affine.gamma_data(),
                                          sum_dy, sum_dy_x, io.dx[0].data);
  }

 private:
  static Index bytes(Index elements) { return elements * static_cast<Index>(sizeof(Scalar)); }
  ops::ChannelLayout layout(const Shape& x) const { return ops::ChannelLayout::of(x, n_.axis); }
  void move(const Variable<Scalar>& moving, const Scalar* batch) const {
    moving.update([&](View<Scalar> v) { ops::update_moving<Scalar>(v.data, batch, n_.momentum, channels_); });
  }

  Normalization<Scalar> n_;
  Index channels_;
};

/// Normalizes by the moving statistics: inference mode, and training of a frozen layer.
template <class Scalar>
class MovingNormalization final : public Op<Scalar> {
 public:
  using typename Op<Scalar>::Shapes;

  explicit MovingNormalization(Normalization<Scalar> n) : n_(std::move(n)), channels_(n_.moving_mean.size()) {}

  std::string kind() const override { return "moving_normalization"; }
  Shape shape(Shapes in) const override { return in[0]; }
  std::vector<Variable<Scalar>> variables() const override {
    auto all = n_.affine.variables();
    all.push_back(n_.moving_mean);
    all.push_back(n_.moving_variance);
    return all;
  }
  std::uint64_t attributes() const override { return n_.hash(); }
  /// Along the last axis it can be folded into the product before it.
  std::optional<ChannelAffine<Scalar>> as_affine() const override {
    if (n_.axis != -1) return std::nullopt;
    return ChannelAffine<Scalar>{.gamma = n_.affine.gamma,
                                 .beta = n_.affine.beta,
                                 .mean = n_.moving_mean,
                                 .variance = n_.moving_variance,
                                 .epsilon = n_.epsilon};
  }
  Needs needs(bool, bool dw) const override { return {.x = dw, .y = false}; }
  /// Inverse deviation; backward also two sums.
  Index work_bytes(Shapes in, const Shape&, Direction direction) const override {
    const Index sums = direction == Direction::forward ? 0 : ops::normalization_work(layout(in[0])) + 2 * channels_;
    return (channels_ + sums) * static_cast<Index>(sizeof(Scalar));
  }

  void forward(Io<Scalar>& io) const override {
    ops::normalize<Scalar>(layout(io.x[0].shape), io.x[0].data, n_.moving_mean.data(), deviation(io),
                           n_.affine.gamma_data(), n_.affine.beta_data(), io.y.data);
  }
  void backward(Io<Scalar>& io) const override {
    const auto layout = this->layout(io.dy.shape);
    Scalar* deviation = this->deviation(io);
    if (io.x[0]) {
      Scalar *sum_dy = deviation + channels_, *sum_dy_x = sum_dy + channels_;
      ops::normalization_sums<Scalar>(layout, io.x[0].data, io.dy.data, n_.moving_mean.data(), deviation, sum_dy,
                                      sum_dy_x, sum_dy_x + channels_);
      n_.affine.add_gradients(io, sum_dy, sum_dy_x);
    }
    if (io.dx[0])
      ops::normalization_gradient_of_constants<Scalar>(layout, io.dy.data, deviation, n_.affine.gamma_data(),
                                                       io.dx[0].data);
  }

 private:
  ops::ChannelLayout layout(const Shape& x) const { return ops::ChannelLayout::of(x, n_.axis); }
  Scalar* deviation(Io<Scalar>& io) const {
    auto* to = static_cast<Scalar*>(io.work);
    ops::inverse_deviation<Scalar>(n_.moving_variance.data(), n_.epsilon, to, channels_);
    return to;
  }

  Normalization<Scalar> n_;
  Index channels_;
};

}  // namespace graft::steps
