#pragma once
#include <graft/ops/axis.hpp>
#include <graft/ops/lanes.hpp>
#include <graft/ops/parallel.hpp>

namespace graft::ops {

/// A batch of samples (outer, channels, inner). With channels last, outer is height * width and inner is 1.
struct ChannelLayout {
  Index samples = 0, outer = 1, channels = 1, inner = 1;

  /// For a known shape (batch, ..) whose channels are axes other than the batch.
  static ChannelLayout of(const Shape& shape, AxisRange axes) {
    const AxisSplit split = split_at(shape.without_batch(), {axes.first - (axes.first > 0), axes.count});
    return {shape[0], split.outer, split.length, split.inner};
  }
  Index sample_size() const { return outer * channels * inner; }
  /// Places of the batch that have one value of every channel, in the order (sample, outer, inner).
  Index positions() const { return samples * outer * inner; }
  /// Values of one channel in the whole batch.
  Index per_channel() const { return samples * outer * inner; }
  /// A sample's outer positions are cut into chunks that are summed on their own: for accuracy, and for threads.
  static constexpr Index chunk = 1024;
  Index chunks_per_sample() const { return (outer + chunk - 1) / chunk; }
  Index chunks() const { return samples * chunks_per_sample(); }
};

/// Elements at .. at + count - 1 of the batch, of one sample. ChannelsAdjacent: they belong to the channels channel,
/// channel + 1, .. at one position; otherwise all of them to one channel, at the positions position, position + 1, ..
template <class L, class Count, bool ChannelsAdjacent>
struct ChannelBlock {
  using S = typename L::Scalar;
  Index at, channel, position;
  Count count;
  Index sample, channels, chunk;

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
  /// The values of these elements' positions; missing where values is null.
  GRAFT_INLINE L of_position(const S* values, double missing = 0) const {
    if (values == nullptr) return L(missing);
    if constexpr (ChannelsAdjacent)
      return L(values[position]);
    else
      return L::load(values + position, count);
  }
  /// The values of these elements' channels, of which every sample has its own.
  GRAFT_INLINE L of_sample(const S* values) const { return of_channel(values + sample * channels); }
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
    const Index channels = layout->channels, inner = layout->inner;
    const Index first = chunk % per_sample * ChannelLayout::chunk;
    const Index last = std::min(first + ChannelLayout::chunk, layout->outer);
    for (Index o = first; o < last; ++o) {
      const Index line = sample * layout->outer + o, row = line * channels * inner;
      if (inner == 1)
        each_block<L>(channels, [&](Index c, auto count) GRAFT_INLINE_LAMBDA {
          (*f)(ChannelBlock<L, decltype(count), true>{row + c, c, line, count, sample, channels, chunk});
        });
      else
        for (Index c = 0; c < channels; ++c)
          each_block<L>(inner, [&](Index i, auto count) GRAFT_INLINE_LAMBDA {
            (*f)(ChannelBlock<L, decltype(count), false>{row + c * inner + i, c, line * inner + i, count, sample,
                                                         channels, chunk});
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

namespace detail {

/// Chunk by chunk into work, then the chunks in their order, those of one sample into sums + sample * stride.
template <class S, class F>
void sum_chunks(const ChannelLayout& layout, S* work, S* sums, Index sample_stride, const F& term) {
  const Index channels = layout.channels;
  std::fill_n(work, sum_channels_work(layout), S(0));
  each_channel_block<S>(layout, [&](const auto& block) GRAFT_INLINE_LAMBDA {
    block.add_to_channel(work + block.chunk * channels, term(block));
  });
  for (Index i = 0; i < layout.chunks(); ++i) {
    S* sum = sums + i / layout.chunks_per_sample() * sample_stride;
    map_lanes<S>(sum, work + i * channels, sum, channels,
                 [](const auto& a, const auto& b) GRAFT_INLINE_LAMBDA { return a + b; });
  }
}

/// One line of a layout: all channels of `inner` positions. Sums of 512 terms are summed in turn: one sum of a whole
/// image would lose two digits.
struct PositionSums {
  static constexpr Index chunk = 512;

  template <class Simd, class S, class F>
  GRAFT_INLINE static void run(const ChannelLayout* layout, Index line, S* sums, const F* f) {
    using L = Lanes<Simd>;
    const Index channels = layout->channels, inner = layout->inner, sample = line / layout->outer;
    const Index row = line * channels * inner;
    if (inner == 1) {
      sums[line] = of_row<L>(channels, [&](Index c, auto count) GRAFT_INLINE_LAMBDA {
        return (*f)(ChannelBlock<L, decltype(count), true>{row + c, c, line, count, sample, channels, 0});
      });
      return;
    }
    each_block<L>(inner, [&](Index i, auto count) GRAFT_INLINE_LAMBDA {
      L total;
      for (Index first = 0; first < channels; first += chunk) {
        L sum;
        for (Index c = first; c < std::min(first + chunk, channels); ++c)
          sum += (*f)(ChannelBlock<L, decltype(count), false>{row + c * inner + i, c, line * inner + i, count, sample,
                                                              channels, 0});
        total += sum;
      }
      total.store(sums + line * inner + i, count);
    });
  }

 private:
  /// The sum of term(c, count) over a row; of the last vector only the lanes that hold elements count.
  template <class L, class F>
  GRAFT_INLINE static typename L::Scalar of_row(Index channels, const F& term) {
    L total;
    typename L::Scalar rest = 0;
    for (Index first = 0; first < channels; first += chunk * L::count) {
      L sum;
      each_block<L>(std::min(channels - first, chunk * L::count), [&](Index c, auto count) GRAFT_INLINE_LAMBDA {
        const L v = term(first + c, count);
        if constexpr (std::is_same_v<decltype(count), Index>)
          for (Index k = 0; k < count; ++k) rest += v[k];
        else
          sum += v;
      });
      total += sum;
    }
    for (Index k = 0; k < L::count; ++k) rest += total[k];
    return rest;
  }
};

}  // namespace detail

/// sums[channel] = sum of term(block), block.load(..) and the like, over the batch: within a chunk in the order of the
/// elements, then over chunks and samples in their order. work holds sum_channels_work(layout) elements.
template <class S, class F>
void sum_channels(const ChannelLayout& layout, S* work, S* sums, const F& term) {
  std::fill_n(sums, layout.channels, S(0));
  detail::sum_chunks(layout, work, sums, 0, term);
}

/// sums[sample, channel]: the same over every sample by itself.
template <class S, class F>
void sum_sample_channels(const ChannelLayout& layout, S* work, S* sums, const F& term) {
  std::fill_n(sums, layout.samples * layout.channels, S(0));
  detail::sum_chunks(layout, work, sums, layout.channels, term);
}

/// sums[position] = sum of term(block) over the channels of every position by itself.
template <class S, class F>
void sum_positions(const ChannelLayout& layout, S* sums, const F& term) {
  with_isa<S>([&](auto simd) {
    each_range(layout.samples * layout.outer, layout.channels * layout.inner, [&](Index begin, Index end) {
      for (Index line = begin; line < end; ++line)
        Compiled<decltype(simd), detail::PositionSums>::run(&layout, line, sums, &term);
    });
  });
}

}  // namespace graft::ops
