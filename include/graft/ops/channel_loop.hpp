#pragma once
#include <graft/ops/axis.hpp>
#include <graft/ops/lanes.hpp>
#include <graft/ops/parallel.hpp>

namespace graft::ops {

/// A batch of samples (outer, channels, inner). With channels last, outer is height * width and inner is 1.
struct ChannelLayout {
  Index samples = 0, outer = 1, channels = 1, inner = 1;

  /// For a known shape (batch, ..) whose channels are an axis other than the batch; negative counts from the end.
  static ChannelLayout of(const Shape& shape, Index axis) {
    const AxisSplit split = split_at(shape.without_batch(), axis < 0 ? axis : axis - 1);
    return {shape[0], split.outer, split.length, split.inner};
  }
  Index sample_size() const { return outer * channels * inner; }
  /// Values of one channel in the whole batch.
  Index per_channel() const { return samples * outer * inner; }
  /// A sample's outer positions are cut into chunks that are summed on their own: for accuracy, and for threads.
  static constexpr Index chunk = 1024;
  Index chunks_per_sample() const { return (outer + chunk - 1) / chunk; }
  Index chunks() const { return samples * chunks_per_sample(); }
};

/// Elements at .. at + count - 1 of the batch. ChannelsAdjacent: they belong to the channels channel, channel + 1, ..;
/// otherwise all of them to one channel.
template <class L, class Count, bool ChannelsAdjacent>
struct ChannelBlock {
  using S = typename L::Scalar;
  Index at, channel;
  Count count;
  Index chunk;

  GRAFT_INLINE L load(const S* data) const { return L::load(data + at, count); }
  GRAFT_INLINE void store(S* data, const L& v) const { v.store(data + at, count); }
  /// The values of these elements' channels; missing where values is null.
  GRAFT_INLINE L of_channel(const S* values, double missing = 0) const {
    if (values == nullptr) return L(missing);
    if constexpr (ChannelsAdjacent)
      return L::load(values + channel, count);
    else
      return L(values[channel]);
  }
  /// sums[channel] += v
  GRAFT_INLINE void add_to_channel(S* sums, const L& v) const {
    if constexpr (ChannelsAdjacent)
      (L::load(sums + channel, count) + v).store(sums + channel, count);
    else
      for (Index i = 0; i < count; ++i) sums[channel] += v[i];
  }
};

namespace detail {

struct ChannelChunk {
  template <class Simd, class F>
  GRAFT_INLINE static void run(const ChannelLayout* layout, Index chunk, const F* f) {
    using L = Lanes<Simd>;
    const Index per_sample = layout->chunks_per_sample(), sample = chunk / per_sample;
    const Index first = chunk % per_sample * ChannelLayout::chunk;
    const Index last = std::min(first + ChannelLayout::chunk, layout->outer);
    for (Index o = first; o < last; ++o) {
      const Index row = (sample * layout->outer + o) * layout->channels * layout->inner;
      if (layout->inner == 1)
        each_block<L>(layout->channels, [&](Index c, auto count) GRAFT_INLINE_LAMBDA {
          (*f)(ChannelBlock<L, decltype(count), true>{row + c, c, count, chunk});
        });
      else
        for (Index c = 0; c < layout->channels; ++c)
          each_block<L>(layout->inner, [&](Index i, auto count) GRAFT_INLINE_LAMBDA {
            (*f)(ChannelBlock<L, decltype(count), false>{row + c * layout->inner + i, c, count, chunk});
          });
    }
  }
};

}  // namespace detail

/// f(block) for all elements of the batch; a chunk's blocks come in order on one thread. f is marked
/// GRAFT_INLINE_LAMBDA.
template <class S, class F>
void each_channel_block(const ChannelLayout& layout, const F& f) {
  with_isa<S>([&](auto simd) {
    each_range(layout.chunks(), std::min(layout.outer, ChannelLayout::chunk) * layout.channels * layout.inner,
               [&](Index begin, Index end) {
                 for (Index i = begin; i < end; ++i)
                   Compiled<decltype(simd), detail::ChannelChunk>::run(&layout, i, &f);
               });
  });
}

/// Elements of scratch that sum_channels needs.
inline Index sum_channels_work(const ChannelLayout& layout) { return layout.chunks() * layout.channels; }

/// sums[channel] = sum of term(block), block.load(..) and the like, over the batch: within a chunk in the order of the
/// elements, then over chunks and samples in their order. work holds sum_channels_work(layout) elements.
template <class S, class F>
void sum_channels(const ChannelLayout& layout, S* work, S* sums, const F& term) {
  const Index channels = layout.channels;
  std::fill_n(work, sum_channels_work(layout), S(0));
  each_channel_block<S>(layout, [&](const auto& block) GRAFT_INLINE_LAMBDA {
    block.add_to_channel(work + block.chunk * channels, term(block));
  });
  std::fill_n(sums, channels, S(0));
  for (Index i = 0; i < layout.chunks(); ++i)
    map_lanes<S>(sums, work + i * channels, sums, channels,
                 [](const auto& a, const auto& b) GRAFT_INLINE_LAMBDA { return a + b; });
}

}  // namespace graft::ops
