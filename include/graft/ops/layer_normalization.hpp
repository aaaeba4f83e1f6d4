#pragma once
#include <graft/ops/normalization.hpp>

// Layer normalization (Ba, Kiros and Hinton 2016), of every position over its channels:
//   y = gamma (x - mean) deviation + beta,   deviation = 1 / sqrt(variance + epsilon)
// mean and deviation have one element for each position; gamma and beta have one for each channel and may be null (1
// and 0). With ScaleOnly the mean is left in: y = gamma x deviation, what Keras calls rms_scaling.
namespace graft::ops {

enum class ScaleOnly : bool { no, yes };

/// The mean and the biased variance of each position, in two passes.
template <class S>
void position_statistics(const ChannelLayout& layout, const S* x, S* mean, S* variance) {
  const double n = static_cast<double>(layout.channels);
  const auto divide = [n](const auto& v) GRAFT_INLINE_LAMBDA { return v / n; };
  sum_positions(layout, mean, [x](const auto& block) GRAFT_INLINE_LAMBDA { return block.load(x); });
  map_lanes<S>(mean, mean, layout.positions(), divide);
  sum_positions(layout, variance, [x, mean](const auto& block) GRAFT_INLINE_LAMBDA {
    const auto d = block.load(x) - block.of_position(mean);
    return d * d;
  });
  map_lanes<S>(variance, variance, layout.positions(), divide);
}

/// Writes y, and mean and deviation for the gradient.
template <class S>
void layer_normalize(const ChannelLayout& layout, const S* x, double epsilon, ScaleOnly scale_only, const S* gamma,
                     const S* beta, S* mean, S* deviation, S* y) {
  position_statistics(layout, x, mean, deviation);
  inverse_deviation(deviation, epsilon, deviation, layout.positions());
  const S* offset = scale_only == ScaleOnly::yes ? nullptr : mean;
  each_channel_block<S>(layout, [=](const auto& block) GRAFT_INLINE_LAMBDA {
    const auto normal = (block.load(x) - block.of_position(offset)) * block.of_position(deviation);
    block.store(y, normal * block.of_channel(gamma, 1) + block.of_channel(beta));
  });
}

/// Elements of scratch for layer_normalization_sums.
inline Index layer_normalization_sums_work(const ChannelLayout& layout) { return sum_channels_work(layout); }

/// The gradients of beta, sum dy, and of gamma, sum dy y^ with y^ = (x - mean) deviation or x deviation.
template <class S>
void layer_normalization_sums(const ChannelLayout& layout, const S* x, const S* dy, ScaleOnly scale_only, const S* mean,
                              const S* deviation, S* sum_dy, S* sum_dy_y, S* work) {
  const S* offset = scale_only == ScaleOnly::yes ? nullptr : mean;
  sum_channels(layout, work, sum_dy, [=](const auto& block) GRAFT_INLINE_LAMBDA { return block.load(dy); });
  sum_channels(layout, work, sum_dy_y, [=](const auto& block) GRAFT_INLINE_LAMBDA {
    return block.load(dy) * ((block.load(x) - block.of_position(offset)) * block.of_position(deviation));
  });
}

/// Elements of scratch for layer_normalization_gradient.
inline Index layer_normalization_gradient_work(const ChannelLayout& layout) { return 2 * layout.positions(); }

/// With n channels, g = gamma dy, x^ = (x - mean) deviation and y^ as above, each sum over the channels of a position:
///   dx = deviation (g - sum g / n - x^ sum g y^ / n), without the first sum with ScaleOnly; dx may be dy.
template <class S>
void layer_normalization_gradient(const ChannelLayout& layout, const S* x, const S* dy, ScaleOnly scale_only,
                                  const S* mean, const S* deviation, const S* gamma, S* dx, S* work) {
  S *sum_g = work, *sum_g_y = work + layout.positions();
  const bool centered = scale_only == ScaleOnly::no;
  const S* offset = centered ? mean : nullptr;
  sum_positions(layout, sum_g_y, [=](const auto& block) GRAFT_INLINE_LAMBDA {
    const auto y = (block.load(x) - block.of_position(offset)) * block.of_position(deviation);
    return block.load(dy) * block.of_channel(gamma, 1) * y;
  });
  if (centered)
    sum_positions(layout, sum_g,
                  [=](const auto& block) GRAFT_INLINE_LAMBDA { return block.load(dy) * block.of_channel(gamma, 1); });
  const S* pull = centered ? sum_g : nullptr;
  const double share = 1 / static_cast<double>(layout.channels);
  each_channel_block<S>(layout, [=](const auto& block) GRAFT_INLINE_LAMBDA {
    const auto inverse = block.of_position(deviation);
    const auto normal = (block.load(x) - block.of_position(mean)) * inverse;
    const auto both = (block.of_position(pull) + normal * block.of_position(sum_g_y)) * share;
    block.store(dx, inverse * (block.load(dy) * block.of_channel(gamma, 1) - both));
  });
}

}  // namespace graft::ops
