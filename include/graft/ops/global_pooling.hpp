#pragma once
#include <graft/core/view.hpp>
#include <graft/ops/lanes.hpp>
#include <graft/ops/parallel.hpp>

// x is (batch, .., channels) with any axes between, the positions; y has one value for every sample and channel.
namespace graft::ops {

namespace detail {

struct GlobalAverageSample {
  template <class Simd, class S>
  GRAFT_INLINE static void run(const S* x, Index positions, Index channels, S* y) {
    using L = Lanes<Simd>;
    std::fill_n(y, channels, S(0));
    for (Index p = 0; p < positions; ++p, x += channels)
      each_block<L>(channels, [&](Index c, auto count) GRAFT_INLINE_LAMBDA {
        (L::load(y + c, count) + L::load(x + c, count)).store(y + c, count);
      });
    const L n(static_cast<double>(positions));
    each_block<L>(channels,
                  [&](Index c, auto count) GRAFT_INLINE_LAMBDA { (L::load(y + c, count) / n).store(y + c, count); });
  }
};
struct GlobalMaxSample {
  template <class Simd, class S>
  GRAFT_INLINE static void run(const S* x, Index positions, Index channels, S* y) {
    using L = Lanes<Simd>;
    std::copy_n(x, channels, y);
    for (Index p = 1; p < positions; ++p)
      each_block<L>(channels, [&](Index c, auto count) GRAFT_INLINE_LAMBDA {
        max(L::load(y + c, count), L::load(x + p * channels + c, count)).store(y + c, count);
      });
  }
};
struct GlobalMaxSampleGradient {
  template <class Simd, class S>
  GRAFT_INLINE static void run(const S* x, const S* y, const S* dy, Index positions, Index channels, S* dx) {
    using L = Lanes<Simd>;
    each_block<L>(channels, [&](Index c, auto count) GRAFT_INLINE_LAMBDA {
      const L most = L::load(y + c, count);
      L winners;
      for (Index p = 0; p < positions; ++p) winners += if_equal(L::load(x + p * channels + c, count), most, L(1), L());
      const L share = 1 / winners * L::load(dy + c, count);
      for (Index p = 0; p < positions; ++p)
        if_equal(L::load(x + p * channels + c, count), most, share, L()).store(dx + p * channels + c, count);
    });
  }
};

template <class F>
void each_sample(const Shape& x, F&& f) {
  each_range(x[0], x.sample_elements(), [&](Index begin, Index end) {
    for (Index i = begin; i < end; ++i) f(i);
  });
}

}  // namespace detail

/// y = sum over the positions, in their order, / positions.
template <class S>
void global_average_pool(View<const S> x, View<S> y) {
  const Index channels = x.columns(), positions = x.sample_size() / channels;
  with_isa<S>([&](auto simd) {
    detail::each_sample(x.shape, [&](Index i) {
      Compiled<decltype(simd), detail::GlobalAverageSample>::run(x.sample(i), positions, channels,
                                                                 y.data + i * channels);
    });
  });
}
/// dx = dy / positions at every position.
template <class S>
void global_average_pool_gradient(View<const S> dy, View<S> dx) {
  const Index channels = dx.columns(), positions = dx.sample_size() / channels;
  detail::each_sample(dx.shape, [&](Index i) {
    S* to = dx.sample(i);
    map_lanes(dy.data + i * channels, to, channels,
              [positions](const auto& d) GRAFT_INLINE_LAMBDA { return d / static_cast<double>(positions); });
    for (Index p = 1; p < positions; ++p) std::copy_n(to, channels, to + p * channels);
  });
}

/// y = the largest value over the positions.
template <class S>
void global_max_pool(View<const S> x, View<S> y) {
  const Index channels = x.columns(), positions = x.sample_size() / channels;
  with_isa<S>([&](auto simd) {
    detail::each_sample(x.shape, [&](Index i) {
      Compiled<decltype(simd), detail::GlobalMaxSample>::run(x.sample(i), positions, channels, y.data + i * channels);
    });
  });
}
/// Positions that hold the largest value share dy equally, as TensorFlow's reduce_max has it; the others get 0.
template <class S>
void global_max_pool_gradient(View<const S> x, View<const S> y, View<const S> dy, View<S> dx) {
  const Index channels = x.columns(), positions = x.sample_size() / channels;
  with_isa<S>([&](auto simd) {
    detail::each_sample(x.shape, [&](Index i) {
      const Index at = i * channels;
      Compiled<decltype(simd), detail::GlobalMaxSampleGradient>::run(x.sample(i), y.data + at, dy.data + at, positions,
                                                                     channels, dx.sample(i));
    });
  });
}

}  // namespace graft::ops
