#pragma once
#include <graft/core/view.hpp>
#include <graft/ops/broadcast.hpp>
#include <graft/ops/lanes.hpp>
#include <graft/ops/parallel.hpp>

// Keras's merge layers: inputs are broadcast to y.shape = broadcast_shape(shapes of x) and merged from left to right.
namespace graft::ops {

/// add, subtract (two inputs), multiply, average = sum / number of inputs, maximum, minimum.
enum class MergeKind { add, subtract, multiply, average, maximum, minimum };

namespace detail {

/// f(the function of two Lanes that merges one more input)
template <class F>
void with_merge(MergeKind kind, F&& f) {
  switch (kind) {
    case MergeKind::add:
    case MergeKind::average:
      return f([](const auto& a, const auto& b) GRAFT_INLINE_LAMBDA { return a + b; });
    case MergeKind::subtract:
      return f([](const auto& a, const auto& b) GRAFT_INLINE_LAMBDA { return a - b; });
    case MergeKind::multiply:
      return f([](const auto& a, const auto& b) GRAFT_INLINE_LAMBDA { return a * b; });
    case MergeKind::maximum:
      return f([](const auto& a, const auto& b) GRAFT_INLINE_LAMBDA { return max(a, b); });
    case MergeKind::minimum:
      return f([](const auto& a, const auto& b) GRAFT_INLINE_LAMBDA { return min(a, b); });
  }
}

/// An input's elements of one run: next to one another, or a single one.
template <class S>
struct RunOperand {
  const S* data;
  bool single;
};
template <class S>
RunOperand<S> operand(const BroadcastRuns& runs, View<const S> x, const Shape& y, Index sample, Index run) {
  return {x.sample(sample) + runs.offset(x.shape, y, run), runs.single(x.shape, y)};
}

/// a[i] = f(a[i], b[i])
template <class S, class F>
void merge_run(S* a, RunOperand<S> b, Index n, const F& f) {
  if (!b.single) return map_lanes<S>(a, b.data, a, n, f);
  const double s = *b.data;
  map_lanes<S>(a, a, n,
               [s, f](const auto& v) GRAFT_INLINE_LAMBDA { return f(v, std::remove_cvref_t<decltype(v)>(s)); });
}

template <class S>
void divide_run(S* a, Index n, double divisor) {
  map_lanes<S>(a, a, n, [divisor](const auto& v) GRAFT_INLINE_LAMBDA { return v / divisor; });
}

/// g stays where x = y, the extreme, and is 0 elsewhere; the other way round where x is another input than g's.
struct ExtremeGradient {
  template <class Simd, class S>
  GRAFT_INLINE static void run(RunOperand<S> x, const S* y, bool own, Index n, S* g) {
    using L = Lanes<Simd>;
    each_block<L>(n, [&](Index i, auto count) GRAFT_INLINE_LAMBDA {
      const L v = x.single ? L(static_cast<double>(*x.data)) : L::load(x.data + i, count);
      const L most = L::load(y + i, count), kept = L::load(g + i, count);
      if_equal(v, most, own ? kept : L(), own ? L() : kept).store(g + i, count);
    });
  }
};

/// g = the gradient of input k in elements first .. first + n - 1 of one run.
template <class S>
void merge_gradient_run(MergeKind kind, const BroadcastRuns& runs, std::span<const View<const S>> x, View<const S> y,
                        View<const S> dy, Index k, Index sample, Index run, Index first, Index n, S* g) {
  const Index at = sample * dy.sample_size() + run * runs.length + first;
  std::copy_n(dy.data + at, n, g);
  const auto input = [&](Index j) {
    const RunOperand<S> o = operand(runs, x[to_size(j)], dy.shape, sample, run);
    return RunOperand<S>{o.single ? o.data : o.data + first, o.single};
  };
  if (kind == MergeKind::average) divide_run(g, n, static_cast<double>(x.size()));
  if (kind == MergeKind::subtract && k == 1)
    map_lanes<S>(g, g, n, [](const auto& v) GRAFT_INLINE_LAMBDA { return -v; });
  if (kind == MergeKind::multiply)
    for (Index j = 0; j < static_cast<Index>(x.size()); ++j)
      if (j != k) merge_run(g, input(j), n, [](const auto& a, const auto& b) GRAFT_INLINE_LAMBDA { return a * b; });
  if (kind != MergeKind::maximum && kind != MergeKind::minimum) return;
  // The first input that holds the extreme takes the gradient.
  with_isa<S>([&](auto simd) {
    for (Index j = 0; j <= k; ++j) Compiled<decltype(simd), ExtremeGradient>::run(input(j), y.data + at, j == k, n, g);
  });
}

}  // namespace detail

/// y = x[0] kind x[1] kind ..; at least one input, and y is none of them.
template <class S>
void merge(MergeKind kind, std::span<const View<const S>> x, View<S> y) {
  constexpr Index piece = 8192;
  const BroadcastRuns runs = BroadcastRuns::of(x, y.shape);
  const Index pieces = (runs.length + piece - 1) / piece;
  const auto merge_piece = [&](Index run, Index first) {
    const Index n = std::min(piece, runs.length - first);
    S* to = y.data + run * runs.length + first;
    const auto input = [&](const View<const S>& v) {
      const auto whole = detail::operand(runs, v, y.shape, run / runs.count, run % runs.count);
      return detail::RunOperand<S>{whole.single ? whole.data : whole.data + first, whole.single};
    };
    const auto start = input(x[0]);
    if (start.single)
      std::fill_n(to, n, *start.data);
    else
      std::copy_n(start.data, n, to);
    detail::with_merge(kind, [&](const auto& f) {
      for (const View<const S>& v : x.subspan(1)) detail::merge_run(to, input(v), n, f);
    });
    if (kind == MergeKind::average) detail::divide_run(to, n, static_cast<double>(x.size()));
  };
  each_range(y.batch() * runs.count * pieces, std::min(piece, runs.length), [&](Index begin, Index end) {
    for (Index item = begin; item < end; ++item) merge_piece(item / pieces, item % pieces * piece);
  });
}

/// True if the gradient reads the inputs, and if it reads y.
inline bool merge_gradient_needs_inputs(MergeKind kind) {
  return kind == MergeKind::multiply || kind == MergeKind::maximum || kind == MergeKind::minimum;
}
inline bool merge_gradient_needs_output(MergeKind kind) {
  return kind == MergeKind::maximum || kind == MergeKind::minimum;
}

/// dx = the gradient of input k, summed in plain order over the axes along which it was broadcast; dx is not dy. x has
/// the shapes of all inputs; its data, and y, may be null where the kind does not need them.
template <class S>
void merge_gradient(MergeKind kind, std::span<const View<const S>> x, View<const S> y, View<const S> dy, Index k,
                    View<S> dx) {
  constexpr Index piece = 256;
  const BroadcastRuns runs = BroadcastRuns::of(x, dy.shape);
  const bool whole = align(dx.shape, dy.shape.rank()) == dy.shape;
  each_range(dy.batch(), dy.sample_size(), [&](Index begin, Index end) {
    S summed[piece];
    if (!whole) std::fill_n(dx.sample(begin), (end - begin) * dx.sample_size(), S(0));
    for (Index item = begin * runs.count; item < end * runs.count; ++item) {
      const Index sample = item / runs.count, run = item % runs.count;
      S* to = dx.sample(sample) + runs.offset(dx.shape, dy.shape, run);
      for (Index first = 0; first < runs.length; first += piece) {
        const Index n = std::min(piece, runs.length - first);
        S* g = whole ? to + first : summed;
        detail::merge_gradient_run(kind, runs, x, y, dy, k, sample, run, first, n, g);
        if (whole) continue;
        if (runs.single(dx.shape, dy.shape))
          for (Index i = 0; i < n; ++i) *to += g[i];
        else
          detail::merge_run(to + first, {g, false}, n,
                            [](const auto& a, const auto& b) GRAFT_INLINE_LAMBDA { return a + b; });
      }
    }
  });
}

}  // namespace graft::ops
