#pragma once
#include <graft/core/error.hpp>
#include <graft/core/view.hpp>
#include <graft/ops/axis.hpp>
#include <graft/ops/lanes.hpp>
#include <graft/ops/parallel.hpp>
#include <string_view>

namespace graft::ops {

/// The axis of each operand that a product sums over; both count from the front and are not the batch.
struct DotAxes {
  Index x = 1, y = 1;
};

/// (batch, the other axes of x, the other axes of y), and (batch, 1) where there are none; None stays None. Throws
/// ShapeError if the batches differ, or the lengths of the axes; `who` names the layer.
inline Shape batch_dot_shape(const Shape& x, const Shape& y, const DotAxes& axes, std::string_view who) {
  const auto differ = [](Index a, Index b) { return a != None && b != None && a != b; };
  if (differ(x[0], y[0]) || differ(x[axes.x], y[axes.y]))
    raise<ShapeError>(who, ": inputs of the shapes ", x, " and ", y, " have no product along axis ", axes.x, " of the ",
                      "first and axis ", axes.y, " of the second: these need equal lengths, and so do the batches.");
  Shape out{x[0] == None ? y[0] : x[0]};
  for (Index i = 1; i < x.rank(); ++i)
    if (i != axes.x) out.push_back(x[i]);
  for (Index i = 1; i < y.rank(); ++i)
    if (i != axes.y) out.push_back(y[i]);
  if (out.rank() == 1) out.push_back(1);
  return out;
}

namespace detail {

/// sums[j] += the sum over i of factors[i * factor_stride] * rows[i * row_stride + j]
struct WeightedRows {
  template <class Simd, class S>
  GRAFT_INLINE static void run(const S* factors, Index factor_stride, const S* rows, Index row_stride, Index count,
                               Index length, S* sums) {
    using L = Lanes<Simd>;
    each_block<L>(length, [&](Index j, auto lanes) GRAFT_INLINE_LAMBDA {
      L sum = L::load(sums + j, lanes);
      for (Index i = 0; i < count; ++i)
        sum += L(static_cast<double>(factors[i * factor_stride])) * L::load(rows + i * row_stride + j, lanes);
      sum.store(sums + j, lanes);
    });
  }
};

/// *sum = the sum over i and j of a[i * a_stride + j] * b[i * b_stride + j]
struct DotOfRows {
  template <class Simd, class S>
  GRAFT_INLINE static void run(const S* a, Index a_stride, const S* b, Index b_stride, Index count, Index length,
                               S* sum) {
    using L = Lanes<Simd>;
    L sums;
    for (Index i = 0; i < count; ++i)
      each_block<L>(length, [&](Index j, auto lanes) GRAFT_INLINE_LAMBDA {
        sums += L::load(a + i * a_stride + j, lanes) * L::load(b + i * b_stride + j, lanes);
      });
    *sum = 0;
    for (Index lane = 0; lane < L::count; ++lane) *sum += sums[lane];
  }
};

/// One sample of each operand: x[o, k, i] and y[o, k, i], where k is the axis that is summed over.
struct DotSides {
  AxisSplit x, y;

  DotSides(const Shape& x_shape, const Shape& y_shape, const DotAxes& axes)
      : x(split_at(x_shape.without_batch(), axes.x - 1)), y(split_at(y_shape.without_batch(), axes.y - 1)) {}
  Index columns() const { return y.outer * y.inner; }
};

/// f(sample) on the threads.
template <class F>
void each_dot(Index samples, const DotSides& s, F&& f) {
  each_range(samples, s.x.outer * s.x.inner * s.x.length * s.columns(), [&](Index begin, Index end) {
    for (Index sample = begin; sample < end; ++sample) f(sample);
  });
}

}  // namespace detail

/// z[b, o, i, p, j] = the sum over k of x[b, o, k, i] y[b, p, k, j], in the order of k.
template <class S>
void batch_dot(View<const S> x, View<const S> y, const DotAxes& axes, View<S> z) {
  const detail::DotSides s(x.shape, y.shape, axes);
  std::fill_n(z.data, z.size(), S(0));
  with_isa<S>([&](auto simd) {
    detail::each_dot(x.batch(), s, [&](Index sample) {
      S* to = z.sample(sample);
      for (Index o = 0; o < s.x.outer; ++o)
        for (Index i = 0; i < s.x.inner; ++i)
          for (Index p = 0; p < s.y.outer; ++p, to += s.y.inner)
            Compiled<decltype(simd), detail::WeightedRows>::run(
                x.sample(sample) + o * s.x.length * s.x.inner + i, s.x.inner,
                y.sample(sample) + p * s.y.length * s.y.inner, s.y.inner, s.x.length, s.y.inner, to);
    });
  });
}

/// dx[b, o, k, i] = the sum over p and j of dz[b, o, i, p, j] y[b, p, k, j]
template <class S>
void batch_dot_gradient_x(View<const S> dz, View<const S> y, const DotAxes& axes, View<S> dx) {
  const detail::DotSides s(dx.shape, y.shape, axes);
  with_isa<S>([&](auto simd) {
    detail::each_dot(dx.batch(), s, [&](Index sample) {
      S* to = dx.sample(sample);
      for (Index o = 0; o < s.x.outer; ++o)
        for (Index k = 0; k < s.x.length; ++k)
          for (Index i = 0; i < s.x.inner; ++i)
            Compiled<decltype(simd), detail::DotOfRows>::run(dz.sample(sample) + (o * s.x.inner + i) * s.columns(),
                                                             s.y.inner, y.sample(sample) + k * s.y.inner,
                                                             s.y.length * s.y.inner, s.y.outer, s.y.inner, to++);
    });
  });
}

/// dy[b, p, k, j] = the sum over o and i of x[b, o, k, i] dz[b, o, i, p, j]
template <class S>
void batch_dot_gradient_y(View<const S> dz, View<const S> x, const DotAxes& axes, View<S> dy) {
  const detail::DotSides s(x.shape, dy.shape, axes);
  std::fill_n(dy.data, dy.size(), S(0));
  with_isa<S>([&](auto simd) {
    detail::each_dot(dy.batch(), s, [&](Index sample) {
      S* to = dy.sample(sample);
      for (Index p = 0; p < s.y.outer; ++p)
        for (Index k = 0; k < s.y.length; ++k, to += s.y.inner)
          for (Index o = 0; o < s.x.outer; ++o)
            Compiled<decltype(simd), detail::WeightedRows>::run(
                x.sample(sample) + (o * s.x.length + k) * s.x.inner, Index{1},
                dz.sample(sample) + o * s.x.inner * s.columns() + p * s.y.inner, s.columns(), s.x.inner, s.y.inner, to);
    });
  });
}

}  // namespace graft::ops
