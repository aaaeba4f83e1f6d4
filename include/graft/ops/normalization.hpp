#pragma once
#include <cmath>
#include <graft/core/view.hpp>
#include <graft/ops/channel_loop.hpp>

// Batch normalization (Ioffe and Szegedy 2015), over all axes but the channels:
//   y = gamma (x - mean) deviation + beta,   deviation = 1 / sqrt(variance + epsilon)
// Vectors have one element for each channel; gamma and beta may be null (1 and 0). For the gradient a caller keeps x,
// mean and deviation: 2 * channels elements.
namespace graft::ops {

/// Elements of scratch for batch_statistics and normalization_sums.
inline Index normalization_work(const ChannelLayout& layout) { return sum_channels_work(layout); }

/// The mean and the biased variance sum (x - mean)^2 / n of each channel, in two passes.
template <class S>
void batch_statistics(const ChannelLayout& layout, const S* x, S* mean, S* variance, S* work) {
  const double n = static_cast<double>(layout.per_channel());
  const auto divide = [n](const auto& v) GRAFT_INLINE_LAMBDA { return v / n; };
  sum_channels(layout, work, mean, [x](const auto& block) GRAFT_INLINE_LAMBDA { return block.load(x); });
  map_lanes<S>(mean, mean, layout.channels, divide);
  sum_channels(layout, work, variance, [x, mean](const auto& block) GRAFT_INLINE_LAMBDA {
    const auto d = block.load(x) - block.of_channel(mean);
    return d * d;
  });
  map_lanes<S>(variance, variance, layout.channels, divide);
}

/// deviation = 1 / sqrt(variance + epsilon)
template <class S>
void inverse_deviation(const S* variance, double epsilon, S* deviation, Index channels) {
  for (Index c = 0; c < channels; ++c) deviation[c] = S(1) / std::sqrt(variance[c] + static_cast<S>(epsilon));
}

/// moving = moving momentum + batch (1 - momentum)
template <class S>
void update_moving(S* moving, const S* batch, double momentum, Index channels) {
  const S keep = static_cast<S>(momentum), take = static_cast<S>(1 - momentum);
  for (Index c = 0; c < channels; ++c) moving[c] = moving[c] * keep + batch[c] * take;
}

/// y = (x - mean) (gamma deviation) + beta, with the statistics of the batch or moving ones; y may be x.
template <class S>
void normalize(const ChannelLayout& layout, const S* x, const S* mean, const S* deviation, const S* gamma,
               const S* beta, S* y) {
  each_channel_block<S>(layout, [=](const auto& block) GRAFT_INLINE_LAMBDA {
    const auto scale = block.of_channel(gamma, 1) * block.of_channel(deviation);
    block.store(y, (block.load(x) - block.of_channel(mean)) * scale + block.of_channel(beta));
  });
}

/// sum_dy = sum dy, which is the gradient of beta, and sum_dy_x = sum dy (x - mean) deviation, which is gamma's, with
/// the statistics of the batch or moving ones.
template <class S>
void normalization_sums(const ChannelLayout& layout, const S* x, const S* dy, const S* mean, const S* deviation,
                        S* sum_dy, S* sum_dy_x, S* work) {
  sum_channels(layout, work, sum_dy, [=](const auto& block) GRAFT_INLINE_LAMBDA { return block.load(dy); });
  sum_channels(layout, work, sum_dy_x, [=](const auto& block) GRAFT_INLINE_LAMBDA {
    return block.load(dy) * ((block.load(x) - block.of_channel(mean)) * block.of_channel(deviation));
  });
}

/// The gradient through the statistics of the batch, with n values in each channel and x^ = (x - mean) deviation:
///   dx = gamma deviation (dy - sum_dy / n - x^ sum_dy_x / n); dx may be dy.
template <class S>
void normalization_gradient(const ChannelLayout& layout, const S* x, const S* dy, const S* mean, const S* deviation,
                            const S* gamma, const S* sum_dy, const S* sum_dy_x, S* dx) {
  const double share = 1 / static_cast<double>(layout.per_channel());
  each_channel_block<S>(layout, [=](const auto& block) GRAFT_INLINE_LAMBDA {
    const auto inverse = block.of_channel(deviation);
    const auto normal = (block.load(x) - block.of_channel(mean)) * inverse;
    const auto pull = (block.of_channel(sum_dy) + normal * block.of_channel(sum_dy_x)) * share;
    block.store(dx, block.of_channel(gamma, 1) * inverse * (block.load(dy) - pull));
  });
}

/// The gradient where mean and deviation are constants (moving statistics): dx = gamma deviation dy; dx may be dy.
template <class S>
void normalization_gradient_of_constants(const ChannelLayout& layout, const S* dy, const S* deviation, const S* gamma,
                                         S* dx) {
  each_channel_block<S>(layout, [=](const auto& block) GRAFT_INLINE_LAMBDA {
    block.store(dx, block.of_channel(gamma, 1) * block.of_channel(deviation) * block.load(dy));
  });
}

}  // namespace graft::ops
