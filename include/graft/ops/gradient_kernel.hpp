#pragma once
#include <graft/ops/product_kernel.hpp>

namespace graft::ops {

/// A transposed tile times one panel, added: c(lane, column) += sum over steps of a(step, lane) b(step, column).
template <class S>
struct GradientCall {
  Index steps = 0;
  /// The first of the lanes in the tile's first row; a step is one row on.
  const S* a = nullptr;
  const S* b = nullptr;
  S* c = nullptr;
  Index c_stride = 0;
  Index lanes = 0, columns = 0;
};

template <int Vectors>
struct GradientKernel {
  template <class Simd, class Call>
  GRAFT_INLINE static void run(const Call& call) {
    using S = typename Simd::Scalar;
    constexpr int lanes = Simd::lanes;
    typename Simd::Vector sum[lanes * Vectors] = {};
    const bool whole = call.lanes == lanes && call.columns == Vectors * Simd::width;
    if (whole)
      unroll<lanes>([&](auto... i) GRAFT_INLINE_LAMBDA { (__builtin_prefetch(call.c + i * call.c_stride, 1), ...); });
    const S *a = call.a, *b = call.b;
    for (Index step = 0; step < call.steps; ++step, a += tile_block<S>, b += Vectors * Simd::width) {
      typename Simd::Vector right[Vectors];
      unroll<Vectors>([&](auto... j) GRAFT_INLINE_LAMBDA { (Simd::load(right[j], b + j * Simd::width), ...); });
      unroll<lanes * Vectors>([&](auto... v)
                                  GRAFT_INLINE_LAMBDA { ((sum[v] += a[v / Vectors] * right[v % Vectors]), ...); });
    }
    if (whole)
      add<Simd>(call, sum);
    else
      add_partial<Simd>(call, sum);
  }

 private:
  template <class Simd, class Call, class Sums>
  GRAFT_INLINE static void add(const Call& call, const Sums& sum) {
    const auto vector = [&](int lane, int column, const typename Simd::Vector& term) GRAFT_INLINE_LAMBDA {
      auto* c = call.c + lane * call.c_stride + column;
      typename Simd::Vector old;
      Simd::load(old, c);
      old += term;
      Simd::store(c, old);
    };
    unroll<Simd::lanes * Vectors>(
        [&](auto... v) GRAFT_INLINE_LAMBDA { (vector(v / Vectors, v % Vectors * Simd::width, sum[v]), ...); });
  }
  template <class Simd, class Call, class Sums>
  GRAFT_INLINE static void add_partial(const Call& call, const Sums& sum) {
    using S = typename Simd::Scalar;
    constexpr int stored = Vectors * Simd::width;
    S rows[Simd::lanes * stored];
    unroll<Simd::lanes * Vectors>([&](auto... v)
                                      GRAFT_INLINE_LAMBDA { (Simd::store(rows + v * Simd::width, sum[v]), ...); });
    for (Index i = 0; i < call.lanes; ++i) {
      S* const c = call.c + i * call.c_stride;
      S old[stored] = {};
      copy_up_to_twice<stored / 2>(c, call.columns, old);
      for (int at = 0; at < stored; at += Simd::width) {
        typename Simd::Vector v, term;
        Simd::load(v, rows + i * stored + at);
        Simd::load(term, old + at);
        v += term;
        Simd::store(old + at, v);
      }
      copy_up_to_twice<stored / 2>(old, call.columns, c);
    }
  }
};

}  // namespace graft::ops
