#pragma once
#include <graft/core/error.hpp>
#include <graft/core/view.hpp>
#include <graft/ops/lanes.hpp>
#include <graft/ops/parallel.hpp>
#include <string_view>

// Rows of a table by their numbers, which are floats with the fraction cut off, as in Keras.
namespace graft::ops {

/// y[i] = table[ids[i]]: y has the shape of ids and one more axis. Throws ArgumentError for a number that is no row;
/// `who` names the layer.
template <class S>
void embed(View<const S> ids, View<const S> table, View<S> y, std::string_view who) {
  const Index columns = table.columns(), rows = table.rows();
  each_range(ids.size(), columns, [&](Index begin, Index end) {
    for (Index i = begin; i < end; ++i) {
      if (!(ids.data[i] >= 0 && ids.data[i] < static_cast<S>(rows)))
        raise<ArgumentError>(who, ": its input must hold indices 0 .. ", rows - 1, ", got ", ids.data[i], ".");
      std::copy_n(table.data + static_cast<Index>(ids.data[i]) * columns, columns, y.data + i * columns);
    }
  });
}

namespace detail {

struct EmbeddingGradient {
  template <class Simd, class S>
  GRAFT_INLINE static void run(const S* ids, Index count, const S* dy, Index row, Index columns, S* dtable) {
    using L = Lanes<Simd>;
    each_block<L>(columns, [&](Index j, auto lanes) GRAFT_INLINE_LAMBDA {
      for (Index i = 0; i < count; ++i) {
        S* to = dtable + static_cast<Index>(ids[i]) * row + j;
        (L::load(to, lanes) + L::load(dy + i * row + j, lanes)).store(to, lanes);
      }
    });
  }
};

}  // namespace detail

/// dtable[ids[i]] += dy[i], in order: threads share the columns. Requires ids that embed() took.
template <class S>
void embedding_gradient(View<const S> ids, View<const S> dy, View<S> dtable) {
  constexpr Index block = 64 / static_cast<Index>(sizeof(S));
  const Index columns = dtable.columns();
  with_isa<S>([&](auto simd) {
    each_range((columns + block - 1) / block, ids.size() * block, [&](Index begin, Index end) {
      const Index first = begin * block, count = std::min(columns, end * block) - first;
      Compiled<decltype(simd), detail::EmbeddingGradient>::run(ids.data, ids.size(), dy.data + first, columns, count,
                                                               dtable.data + first);
    });
  });
}

}  // namespace graft::ops
