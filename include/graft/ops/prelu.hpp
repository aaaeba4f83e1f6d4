#pragma once
#include <graft/ops/bias.hpp>
#include <graft/ops/broadcast.hpp>
#include <graft/ops/lanes.hpp>

// y = x > 0 ? x : alpha x. alpha has the shape of x but for a batch of 1, and 1 on every axis along which it is shared.
// At 0 the gradient is 0, as Keras's relu(x) - alpha relu(-x) has it.
namespace graft::ops {

namespace detail {

/// The runs of x along which alpha lies beside it, or is one number.
template <class S>
struct PReLURuns {
  BroadcastRuns runs;
  RunOffsets alpha_at;
  const S* alpha;
  bool single;

  static PReLURuns of(View<const S> x, View<const S> alpha) {
    const View<const S> both[] = {x, alpha};
    const BroadcastRuns runs = BroadcastRuns::of<S>(both, x.shape);
    return {runs, RunOffsets(runs, alpha.shape, x.shape), alpha.data, runs.single(alpha.shape, x.shape)};
  }
};

/// f(place in x, place in alpha, alpha, count) for the elements of runs begin .. end - 1, counted over the batch.
struct PReLUKernel {
  template <class Simd, class S, class F>
  GRAFT_INLINE static void run(const PReLURuns<S>* r, Index begin, Index end, const F* f) {
    using L = Lanes<Simd>;
    const Index length = r->runs.length;
    for (Index i = begin; i < end; ++i) {
      const Index at = r->alpha_at(i % r->runs.count);
      const L one(static_cast<double>(r->alpha[at]));
      each_block<L>(length, [&](Index j, auto count) GRAFT_INLINE_LAMBDA {
        (*f)(i * length + j, r->single ? at : at + j, r->single ? one : L::load(r->alpha + at + j, count), count);
      });
    }
  }
};

template <class S, class F>
void each_prelu_block(const PReLURuns<S>& r, Index samples, const F& f) {
  with_isa<S>([&](auto simd) {
    each_range(samples * r.runs.count, r.runs.length,
               [&](Index begin, Index end) { Compiled<decltype(simd), PReLUKernel>::run(&r, begin, end, &f); });
  });
}

}  // namespace detail

template <class S>
void prelu(View<const S> x, View<const S> alpha, View<S> y) {
  detail::each_prelu_block(detail::PReLURuns<S>::of(x, alpha), x.batch(),
                           [&](Index at, Index, const auto& a, auto count) GRAFT_INLINE_LAMBDA {
                             using L = std::remove_cvref_t<decltype(a)>;
                             const L v = L::load(x.data + at, count);
                             if_less(L(), v, v, v * a).store(y.data + at, count);
                           });
}

/// dx = dy where x > 0, alpha dy where x < 0, else 0.
template <class S>
void prelu_gradient(View<const S> x, View<const S> alpha, View<const S> dy, View<S> dx) {
  detail::each_prelu_block(detail::PReLURuns<S>::of(x, alpha), x.batch(),
                           [&](Index at, Index, const auto& a, auto count) GRAFT_INLINE_LAMBDA {
                             using L = std::remove_cvref_t<decltype(a)>;
                             const L v = L::load(x.data + at, count), d = L::load(dy.data + at, count);
                             if_less(L(), v, d, if_less(v, L(), d * a, L())).store(dx.data + at, count);
                           });
}

/// dalpha += the sum of min(x, 0) dy over the batch and the axes along which alpha is shared: of each sample first, in
/// `work`, which holds batch * alpha.size() elements.
template <class S>
void prelu_alpha_gradient(View<const S> x, View<const S> alpha, View<const S> dy, S* work, S* dalpha) {
  const auto r = detail::PReLURuns<S>::of(x, alpha);
  const Index size = alpha.size(), sample_size = x.sample_size();
  std::fill_n(work, x.batch() * size, S(0));
  const auto add = [&](Index at, Index to, const auto& a, auto count) GRAFT_INLINE_LAMBDA {
    using L = std::remove_cvref_t<decltype(a)>;
    S* sum = work + at / sample_size * size + to;
    const L g = min(L::load(x.data + at, count), L()) * L::load(dy.data + at, count);
    if (r.single)
      for (Index i = 0; i < count; ++i) *sum += g[i];
    else
      (L::load(sum, count) + g).store(sum, count);
  };
  with_isa<S>([&](auto simd) {
    each_range(x.batch(), sample_size, [&](Index begin, Index end) {
      Compiled<decltype(simd), detail::PReLUKernel>::run(&r, begin * r.runs.count, end * r.runs.count, &add);
    });
  });
  bias_gradient<S>({work, {x.batch(), size}}, dalpha);
}

}  // namespace graft::ops
