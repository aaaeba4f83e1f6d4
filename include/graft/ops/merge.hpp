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
/// f(run, operand) for an input's elements from place `first` on of runs begin .. end - 1, counted over the batch.
template <class S, class F>
void each_operand(const BroadcastRuns& runs, View<const S> x, const Shape& y, Index begin, Index end, Index first,
                  const F& f) {
  const RunOffsets offsets(runs, x.shape, y);
  const bool single = runs.single(x.shape, y);
  const Index sample_size = x.sample_size();
  for (Index run = begin; run < end; ++run) {
    const Index at = run / runs.count * sample_size + offsets(run % runs.count);
    f(run, RunOperand<S>{x.data + at + (single ? 0 : first), single});
  }
}

/// Runs are merged in blocks: a piece of a long one, or several short ones as a whole.
struct MergeBlocks {
  Index piece, pieces, together;

  MergeBlocks(const BroadcastRuns& runs, Index most)
      : piece(std::clamp<Index>(runs.length, 1, most)),
        pieces((runs.length + piece - 1) / piece),
        together(pieces > 1 ? 1 : most / piece) {}
};

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

/// g = the gradient of input k in n elements from place `first` on of runs begin .. end - 1.
template <class S>
void merge_gradient_block(MergeKind kind, const BroadcastRuns& runs, std::span<const View<const S>> x, View<const S> y,
                          View<const S> dy, Index k, Index begin, Index end, Index first, Index n, S* g) {
  const Index at = begin * runs.length + first, all = (end - begin) * n;
  const auto each_run_of = [&](Index j, const auto& f) {
    each_operand(runs, x[to_size(j)], dy.shape, begin, end, first,
                 [&](Index run, RunOperand<S> o) { f(o, (run - begin) * n); });
  };
  std::copy_n(dy.data + at, all, g);
  if (kind == MergeKind::average) divide_run(g, all, static_cast<double>(x.size()));
  if (kind == MergeKind::subtract && k == 1)
    map_lanes<S>(g, g, all, [](const auto& v) GRAFT_INLINE_LAMBDA { return -v; });
  if (kind == MergeKind::multiply)
    for (Index j = 0; j < static_cast<Index>(x.size()); ++j)
      if (j != k)
        each_run_of(j, [&](RunOperand<S> o, Index i) {
          merge_run(g + i, o, n, [](const auto& a, const auto& b) GRAFT_INLINE_LAMBDA { return a * b; });
        });
  if (kind != MergeKind::maximum && kind != MergeKind::minimum) return;
  // The first input that holds the extreme takes the gradient.
  with_isa<S>([&](auto simd) {
    for (Index j = 0; j <= k; ++j)
      each_run_of(j, [&](RunOperand<S> o, Index i) {
        Compiled<decltype(simd), ExtremeGradient>::run(o, y.data + at + i, j == k, n, g + i);
      });
  });
}

}  // namespace detail

/// y = x[0] kind x[1] kind ..; at least one input, and y is none of them.
template <class S>
void merge(MergeKind kind, std::span<const View<const S>> x, View<S> y) {
  const BroadcastRuns runs = BroadcastRuns::of(x, y.shape);
  const detail::MergeBlocks blocks(runs, 8192);  // which stay in the cache while one input after the other comes
  const Index all = y.batch() * runs.count, items = (all + blocks.together - 1) / blocks.together * blocks.pieces;
  const auto merge_block = [&](Index begin, Index first) {
    const Index n = std::min(blocks.piece, runs.length - first), end = std::min(all, begin + blocks.together);
    S* to = y.data + begin * runs.length + first;
    const auto each_run_of = [&](const View<const S>& v, const auto& f) {
      detail::each_operand(runs, v, y.shape, begin, end, first,
                           [&](Index run, detail::RunOperand<S> o) { f(to + (run - begin) * n, o); });
    };
    each_run_of(x[0], [n](S* run, detail::RunOperand<S> o) {
      if (o.single)
        std::fill_n(run, n, *o.data);
      else
        std::copy_n(o.data, n, run);
    });
    detail::with_merge(kind, [&](const auto& merged) {
      for (const View<const S>& v : x.subspan(1))
        each_run_of(v, [&](S* run, detail::RunOperand<S> o) { detail::merge_run(run, o, n, merged); });
    });
    if (kind == MergeKind::average) detail::divide_run(to, (end - begin) * n, static_cast<double>(x.size()));
  };
  each_range(items, blocks.together * blocks.piece, [&](Index begin, Index end) {
    for (Index item = begin; item < end; ++item)
      merge_block(item / blocks.pieces * blocks.together, item % blocks.pieces * blocks.piece);
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
  constexpr Index most = 1024;
  const BroadcastRuns runs = BroadcastRuns::of(x, dy.shape);
  const detail::MergeBlocks blocks(runs, most);
  const RunOffsets offsets(runs, dx.shape, dy.shape);
  const bool whole = align(dx.shape, dy.shape.rank()) == dy.shape, single = runs.single(dx.shape, dy.shape);
  const auto add_run = [&](const S* g, Index n, S* to) {
    if (single)
      for (Index i = 0; i < n; ++i) *to += g[i];
    else
      map_lanes<S>(to, g, to, n, [](const auto& a, const auto& b) GRAFT_INLINE_LAMBDA { return a + b; });
  };
  const auto add_sample = [&](Index sample) {
    S summed[most];
    const Index first_run = sample * runs.count, last_run = first_run + runs.count;
    for (Index begin = first_run; begin < last_run; begin += blocks.together)
      for (Index first = 0; first < runs.length; first += blocks.piece) {
        const Index n = std::min(blocks.piece, runs.length - first), end = std::min(last_run, begin + blocks.together);
        S* g = whole ? dx.data + begin * runs.length + first : summed;
        detail::merge_gradient_block(kind, runs, x, y, dy, k, begin, end, first, n, g);
        for (Index run = begin; run < end && !whole; ++run)
          add_run(g + (run - begin) * n, n, dx.sample(sample) + offsets(run - first_run) + (single ? 0 : first));
      }
  };
  each_range(dy.batch(), dy.sample_size(), [&](Index begin, Index end) {
    if (!whole) std::fill_n(dx.sample(begin), (end - begin) * dx.sample_size(), S(0));
    for (Index sample = begin; sample < end; ++sample) add_sample(sample);
  });
}

}  // namespace graft::ops
