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
    if (whole) unroll<lanes>([&](auto i) GRAFT_INLINE_LAMBDA { __builtin_prefetch(call.c + i * call.c_stride, 1); });
    const S *a = call.a, *b = call.b;
    for (Index step = 0; step < call.steps; ++step, a += tile_block<S>, b += Vectors * Simd::width) {
      typename Simd::Vector right[Vectors];
      unroll<Vectors>([&](auto j) GRAFT_INLINE_LAMBDA { Simd::load(right[j], b + j * Simd::width); });
      unroll<lanes>([&](auto i) GRAFT_INLINE_LAMBDA {
        const S left = a[i];
        unroll<Vectors>([&](auto j) GRAFT_INLINE_LAMBDA { sum[i * Vectors + j] += left * right[j]; });
      });
    }
    if (whole)
      add<Simd>(call, sum);
    else
      add_partial<Simd>(call, sum);
  }

 private:
  template <class Simd, class Call, class Sums>
  GRAFT_INLINE static void add(const Call& call, const Sums& sum) {
    unroll<Simd::lanes>([&](auto i) GRAFT_INLINE_LAMBDA {
      unroll<Vectors>([&](auto j) GRAFT_INLINE_LAMBDA {
        auto* c = call.c + i * call.c_stride + j * Simd::width;
        typename Simd::Vector old;
        Simd::load(old, c);
        old += sum[i * Vectors + j];
        Simd::store(c, old);
      });
    });
  }
  template <class Simd, class Call, class Sums>
  GRAFT_INLINE static void add_partial(const Call& call, const Sums& sum) {
    using S = typename Simd::Scalar;
    constexpr int stored = Vectors * Simd::width;
    S rows[Simd::lanes * stored];
    unroll<Simd::lanes * Vectors>([&](auto i) GRAFT_INLINE_LAMBDA { Simd::store(rows + i * Simd::width, sum[i]); });
    for (Index i = 0; i < call.lanes; ++i) {
      S* const c = call.c + i * call.c_stride;
      S old[stored] = {};
      copy_up_to_twice<stored / 2>(c, call.columns, old);
      unroll<Vectors>([&](auto j) GRAFT_INLINE_LAMBDA {
        typename Simd::Vector v, term;
        Simd::load(v, rows + i * stored + j * Simd::width);
        Simd::load(term, old + j * Simd::width);
        v += term;
        Simd::store(old + j * Simd::width, v);
      });
      copy_up_to_twice<stored / 2>(old, call.columns, c);
    }
  }
};

}  // namespace graft::ops
