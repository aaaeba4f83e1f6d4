#pragma once
#include <cstdint>
#include <graft/core/view.hpp>
#include <graft/ops/lanes.hpp>
#include <graft/ops/parallel.hpp>
#include <graft/ops/window.hpp>

// x is (batch, height, width, channels), windows have dilation 1, y is window.output_shape(x.shape, channels).
namespace graft::ops {

namespace detail {

/// One output pixel: its real inputs are rows x columns pixels, the first of them `offset` elements into the sample.
struct PoolPixel {
  Taps rows, columns;
  Index offset;
};
inline PoolPixel pool_pixel(const Window2D& w, const Shape& x, Index row, Index column) {
  const Index top = w.height.first(row, x[1]), left = w.width.first(column, x[2]);
  const Taps rows = w.height.taps(top, x[1]), columns = w.width.taps(left, x[2]);
  return {rows, columns, ((top + rows.begin) * x[2] + left + columns.begin) * x[3]};
}

/// f(offset, tap) for the pixels of a window in row-major order; tap is the place in the whole window. A whole 2 x 2
/// window is unrolled.
template <class F>
GRAFT_INLINE void each_tap(const PoolPixel& at, const Window2D& w, const Shape& x, const F& f) {
  if (w.height.kernel == 2 && w.width.kernel == 2 && at.rows.count() * at.columns.count() == 4) {
    unroll<4>([&](auto... tap)
                  GRAFT_INLINE_LAMBDA { (f(at.offset + ((tap / 2) * x[2] + tap % 2) * x[3], Index{tap}), ...); });
    return;
  }
  for (Index r = at.rows.begin; r < at.rows.end; ++r)
    for (Index c = at.columns.begin; c < at.columns.end; ++c)
      f(at.offset + ((r - at.rows.begin) * x[2] + c - at.columns.begin) * x[3], r * w.width.kernel + c);
}

/// One row of outputs. Taps are counted in Lanes beside the values: exact, as they stay far below 2^24.
template <class Winner>
struct MaxPoolRow {
  template <class Simd, class S>
  GRAFT_INLINE static void run(const Window2D* w, const Shape* shape, Index row, const S* x, S* y, Winner* winners) {
    using L = Lanes<Simd>;
    const Index channels = (*shape)[3], columns = w->width.output((*shape)[2]);
    for (Index column = 0; column < columns; ++column, y += channels, winners += winners ? channels : 0) {
      const PoolPixel at = pool_pixel(*w, *shape, row, column);
      each_block<L>(channels, [&](Index c, auto count) GRAFT_INLINE_LAMBDA {
        L best = L::load(x + at.offset + c, count);
        L winner(static_cast<double>(at.rows.begin * w->width.kernel + at.columns.begin));
        each_tap(at, *w, *shape, [&](Index offset, Index tap) GRAFT_INLINE_LAMBDA {
          const L v = L::load(x + offset + c, count);
          winner = if_less(best, v, L(static_cast<double>(tap)), winner);
          best = max(best, v);
        });
        best.store(y + c, count);
        if (winners) winner.store_as(winners + c, count);
      });
    }
  }
};
template <class Winner>
struct MaxPoolRowGradient {
  template <class Simd, class S>
  GRAFT_INLINE static void run(const Window2D* w, const Shape* shape, Index row, const S* dy, const Winner* winners,
                               S* dx, bool write) {
    using L = Lanes<Simd>;
    const Index channels = (*shape)[3], columns = w->width.output((*shape)[2]);
    for (Index column = 0; column < columns; ++column, dy += channels, winners += channels) {
      const PoolPixel at = pool_pixel(*w, *shape, row, column);
      each_block<L>(channels, [&](Index c, auto count) GRAFT_INLINE_LAMBDA {
        const L d = L::load(dy + c, count), winner = L::load_as(winners + c, count);
        each_tap(at, *w, *shape, [&](Index offset, Index tap) GRAFT_INLINE_LAMBDA {
          const L mine = if_equal(winner, L(static_cast<double>(tap)), d, L());
          S* to = dx + offset + c;
          (write ? mine : L::load(to, count) + mine).store(to, count);
        });
      });
    }
  }
};

struct AveragePoolRow {
  template <class Simd, class S>
  GRAFT_INLINE static void run(const Window2D* w, const Shape* shape, Index row, const S* x, S* y) {
    using L = Lanes<Simd>;
    const Index channels = (*shape)[3], columns = w->width.output((*shape)[2]);
    for (Index column = 0; column < columns; ++column, y += channels) {
      const PoolPixel at = pool_pixel(*w, *shape, row, column);
      const L elements(static_cast<double>(at.rows.count() * at.columns.count()));
      each_block<L>(channels, [&](Index c, auto count) GRAFT_INLINE_LAMBDA {
        L sum;
        each_tap(at, *w, *shape,
                 [&](Index offset, Index) GRAFT_INLINE_LAMBDA { sum += L::load(x + offset + c, count); });
        (sum / elements).store(y + c, count);
      });
    }
  }
};
struct AveragePoolRowGradient {
  template <class Simd, class S>
  GRAFT_INLINE static void run(const Window2D* w, const Shape* shape, Index row, const S* dy, S* dx, bool write) {
    using L = Lanes<Simd>;
    const Index channels = (*shape)[3], columns = w->width.output((*shape)[2]);
    for (Index column = 0; column < columns; ++column, dy += channels) {
      const PoolPixel at = pool_pixel(*w, *shape, row, column);
      const L elements(static_cast<double>(at.rows.count() * at.columns.count()));
      each_block<L>(channels, [&](Index c, auto count) GRAFT_INLINE_LAMBDA {
        const L d = L::load(dy + c, count) / elements;
        each_tap(at, *w, *shape, [&](Index offset, Index) GRAFT_INLINE_LAMBDA {
          S* to = dx + offset + c;
          (write ? d : L::load(to, count) + d).store(to, count);
        });
      });
    }
  }
};

/// True if every input lies in exactly one window, as with pool size = strides and sizes that they divide.
inline bool tiles(const WindowAxis& axis, Index n) {
  return axis.kernel == axis.stride && axis.output(n) * axis.stride == n;
}

/// f(sample, output row) for all rows of all samples, rows shared among the threads.
template <class F>
void each_pool_row(const Shape& x, const Window2D& w, F&& f) {
  const Index rows = w.height.output(x[1]);
  each_range(x[0] * rows, w.height.stride * x[2] * x[3], [&](Index begin, Index end) {
    for (Index i = begin; i < end; ++i) f(i / rows, i % rows);
  });
}

/// Calls row(sample, output row, write) so that dx becomes the gradient: write says that row may set the elements; they
/// are added to otherwise, after dx was set to zero.
template <class S, class F>
void pool_gradient(const Window2D& w, View<S> dx, F&& row) {
  if (tiles(w.height, dx.shape[1]) && tiles(w.width, dx.shape[2])) {
    each_pool_row(dx.shape, w, [&](Index sample, Index i) { row(sample, i, true); });
    return;
  }
  // Windows of one sample may overlap, so a sample belongs to one thread.
  each_range(dx.batch(), dx.sample_size(), [&](Index begin, Index end) {
    for (Index sample = begin; sample < end; ++sample) {
      std::fill_n(dx.sample(sample), dx.sample_size(), S(0));
      for (Index i = 0; i < w.height.output(dx.shape[1]); ++i) row(sample, i, false);
    }
  });
}

template <class Winner, class S>
void max_pool(View<const S> x, const Window2D& w, View<S> y, Winner* winners) {
  const Index row_size = y.shape[2] * y.shape[3];
  with_isa<S>([&](auto simd) {
    each_pool_row(x.shape, w, [&](Index sample, Index row) {
      const Index at = (sample * y.shape[1] + row) * row_size;
      Compiled<decltype(simd), MaxPoolRow<Winner>>::run(&w, &x.shape, row, x.sample(sample), y.data + at,
                                                        winners ? winners + at : nullptr);
    });
  });
}
template <class Winner, class S>
void max_pool_gradient(View<const S> dy, const Window2D& w, const Winner* winners, View<S> dx) {
  const Index row_size = dy.shape[2] * dy.shape[3];
  with_isa<S>([&](auto simd) {
    pool_gradient(w, dx, [&](Index sample, Index row, bool write) {
      const Index at = (sample * dy.shape[1] + row) * row_size;
      Compiled<decltype(simd), MaxPoolRowGradient<Winner>>::run(&w, &dx.shape, row, dy.data + at, winners + at,
                                                                dx.sample(sample), write);
    });
  });
}

inline bool winner_is_byte(const Window2D& w) { return w.taps() <= 256; }

}  // namespace detail

/// Bytes that max_pool keeps for its gradient: one for every element of y, or four if the window has over 256 taps.
inline Index max_pool_saved_bytes(const Window2D& w, const Shape& y) {
  return y.elements() * (detail::winner_is_byte(w) ? 1 : 4);
}

/// y = the largest real element of each window. winners keeps which tap that was, the first of equal ones as in
/// TensorFlow; it may be null.
template <class S>
void max_pool(View<const S> x, const Window2D& w, View<S> y, void* winners) {
  if (detail::winner_is_byte(w)) return detail::max_pool(x, w, y, static_cast<std::uint8_t*>(winners));
  detail::max_pool(x, w, y, static_cast<std::int32_t*>(winners));
}
/// dx = 0, plus each dy at the tap that won.
template <class S>
void max_pool_gradient(View<const S> dy, const Window2D& w, const void* winners, View<S> dx) {
  if (detail::winner_is_byte(w)) return detail::max_pool_gradient(dy, w, static_cast<const std::uint8_t*>(winners), dx);
  detail::max_pool_gradient(dy, w, static_cast<const std::int32_t*>(winners), dx);
}

/// y = the mean of the real elements of each window; padding does not count.
template <class S>
void average_pool(View<const S> x, const Window2D& w, View<S> y) {
  const Index row_size = y.shape[2] * y.shape[3];
  with_isa<S>([&](auto simd) {
    detail::each_pool_row(x.shape, w, [&](Index sample, Index row) {
      Compiled<decltype(simd), detail::AveragePoolRow>::run(&w, &x.shape, row, x.sample(sample),
                                                            y.sample(sample) + row * row_size);
    });
  });
}
/// dx = 0, plus each dy / elements at every real element of its window.
template <class S>
void average_pool_gradient(View<const S> dy, const Window2D& w, View<S> dx) {
  const Index row_size = dy.shape[2] * dy.shape[3];
  with_isa<S>([&](auto simd) {
    detail::pool_gradient(w, dx, [&](Index sample, Index row, bool write) {
      Compiled<decltype(simd), detail::AveragePoolRowGradient>::run(
          &w, &dx.shape, row, dy.sample(sample) + row * row_size, dx.sample(sample), write);
    });
  });
}

}  // namespace graft::ops
