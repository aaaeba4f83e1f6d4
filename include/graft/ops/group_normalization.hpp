#pragma once
#include <graft/ops/normalization.hpp>

// Group normalization (Wu and He 2018): in every sample, groups of channels that follow one another are normalized over
// their channels and all other axes:
//   y = gamma (x - mean) deviation + beta,   deviation = 1 / sqrt(variance + epsilon)
// gamma and beta have one element for each channel and may be null (1 and 0). mean and deviation are kept for each
// (sample, channel), equal within a group: 2 * samples * channels elements.
namespace graft::ops {

namespace detail {

/// values[sample, channel] = their sum over the group, times a factor for each channel, divided by the elements of a
/// group. Null factors are 1.
template <class S>
void average_groups(const ChannelLayout& layout, Index groups, const S* factors, S* values) {
  const Index width = layout.channels / groups;
  const S share = static_cast<S>(1 / static_cast<double>(layout.outer * layout.inner * width));
  for (Index first = 0; first < layout.samples * layout.channels; first += width) {
    const S* factor = factors ? factors + first % layout.channels : nullptr;
    S sum = 0;
    for (Index c = 0; c < width; ++c) sum += factor ? factor[c] * values[first + c] : values[first + c];
    std::fill_n(values + first, width, sum * share);
  }
}

}  // namespace detail

/// Elements of scratch for group_normalize and group_normalization_sums.
inline Index group_normalization_work(const ChannelLayout& layout) { return sum_channels_work(layout); }

/// Writes y, and mean and deviation for the gradient. Requires that groups divides the channels.
template <class S>
void group_normalize(const ChannelLayout& layout, Index groups, const S* x, double epsilon, const S* gamma,
                     const S* beta, S* mean, S* deviation, S* y, S* work) {
  sum_sample_channels(layout, work, mean, [x](const auto& block) GRAFT_INLINE_LAMBDA { return block.load(x); });
  detail::average_groups<S>(layout, groups, nullptr, mean);
  sum_sample_channels(layout, work, deviation, [x, mean](const auto& block) GRAFT_INLINE_LAMBDA {
    const auto d = block.load(x) - block.of_sample(mean);
    return d * d;
  });
  detail::average_groups<S>(layout, groups, nullptr, deviation);
  inverse_deviation(deviation, epsilon, deviation, layout.samples * layout.channels);
  each_channel_block<S>(layout, [=](const auto& block) GRAFT_INLINE_LAMBDA {
    const auto scale = block.of_channel(gamma, 1) * block.of_sample(deviation);
    block.store(y, (block.load(x) - block.of_sample(mean)) * scale + block.of_channel(beta));
  });
}

/// For each (sample, channel): sum_dy = sum dy and sum_dy_x = sum dy (x - mean) deviation. Summed over the samples they
/// are the gradients of beta and of gamma.
template <class S>
void group_normalization_sums(const ChannelLayout& layout, const S* x, const S* dy, const S* mean, const S* deviation,
                              S* sum_dy, S* sum_dy_x, S* work) {
  sum_sample_channels(layout, work, sum_dy, [dy](const auto& block) GRAFT_INLINE_LAMBDA { return block.load(dy); });
  sum_sample_channels(layout, work, sum_dy_x, [=](const auto& block) GRAFT_INLINE_LAMBDA {
    return block.load(dy) * ((block.load(x) - block.of_sample(mean)) * block.of_sample(deviation));
  });
}

/// With g = gamma dy, x^ = (x - mean) deviation and averages over the elements of a group:
///   dx = deviation (g - average g - x^ average g x^); dx may be dy. Overwrites the sums.
template <class S>
void group_normalization_gradient(const ChannelLayout& layout, Index groups, const S* x, const S* dy, const S* mean,
                                  const S* deviation, const S* gamma, S* sum_dy, S* sum_dy_x, S* dx) {
  detail::average_groups(layout, groups, gamma, sum_dy);
  detail::average_groups(layout, groups, gamma, sum_dy_x);
  each_channel_block<S>(layout, [=](const auto& block) GRAFT_INLINE_LAMBDA {
    const auto inverse = block.of_sample(deviation);
    const auto normal = (block.load(x) - block.of_sample(mean)) * inverse;
    const auto pull =
        block.of_sample(static_cast<const S*>(sum_dy)) + normal * block.of_sample(static_cast<const S*>(sum_dy_x));
    block.store(dx, inverse * (block.load(dy) * block.of_channel(gamma, 1) - pull));
  });
}

}  // namespace graft::ops
