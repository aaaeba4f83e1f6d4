#pragma once
#include <algorithm>
#include <cstring>
#include <graft/ops/microkernel.hpp>

/// How operands are cut up and laid out for the microkernels.
namespace graft::ops {

constexpr Index ceil_div(Index n, Index d) { return (n + d - 1) / d; }
constexpr Index round_up(Index n, Index unit) { return ceil_div(n, unit) * unit; }

/// No tile has more rows.
inline constexpr Index max_tile_rows = 192;

/// Element (row, column) stands at data[row * row_stride + column * column_stride].
template <class S>
struct StridedMatrix {
  const S* data = nullptr;
  Index row_stride = 0, column_stride = 1;
};

/// n things cut into `count` ranges of `length`, the last one possibly shorter.
struct Ranges {
  Index n = 0, count = 1, length = 0;

  /// As few ranges as max_length allows, as equal as multiples of `unit` can be.
  static Ranges up_to(Index n, Index max_length, Index unit) {
    const Index pieces = std::max<Index>(1, ceil_div(n, max_length));
    const Index length = round_up(ceil_div(n, pieces), unit);
    return {n, std::max<Index>(1, length == 0 ? 1 : ceil_div(n, length)), length};
  }
  Index begin(Index i) const { return std::min(n, i * length); }
  Index end(Index i) const { return std::min(n, begin(i) + length); }
  Index size(Index i) const { return end(i) - begin(i); }
};

/// Copies n columns of the rows that there are (null: none), row i to to + i * to_stride. Requires 1 <= n <= 32.
template <class S>
struct ColumnCopy {
  const S* const* rows = nullptr;
  Index count = 0, offset = 0, n = 0;
  S* to = nullptr;
  Index to_stride = tile_block<S>;
};
struct ColumnCopyKernel {
  template <class Simd, class Call>
  GRAFT_INLINE static void run(const Call& call) {
    copy<16>(call);
  }

 private:
  template <int Half, class S>
  GRAFT_INLINE static void copy(const ColumnCopy<S>& call) {
    if constexpr (Half > 1)
      if (call.n < Half) return copy<Half / 2>(call);
    S* to = call.to;
    for (Index i = 0; i < call.count; ++i, to += call.to_stride)
      if (call.rows[i] != nullptr) copy_twice<Half>(call.rows[i] + call.offset, call.n, to);
  }
};

/// Copies n columns of one row into a tile, from column `column` on. `row` is the row's place in the tile's first
/// block.
template <class S>
GRAFT_INLINE void write_tile_row(S* row, Index block_stride, Index column, const S* from, Index n) {
  constexpr Index block = tile_block<S>;
  for (const Index end = column + n; column < end;) {
    const Index lane = column % block, piece = end - column < block - lane ? end - column : block - lane;
    copy_up_to_twice<tile_block<S> / 2>(from, piece, row + column / block * block_stride + lane);
    from += piece;
    column += piece;
  }
}
/// Zeros n columns of one row of a tile, from column `column` on.
template <class S>
void zero_tile_row(S* row, Index block_stride, Index column, Index n) {
  static constexpr S zeros[to_size(tile_block<S>)] = {};
  for (const Index end = column + n; column < end;) {
    const Index piece = std::min(end - column, tile_block<S> - column % tile_block<S>);
    write_tile_row(row, block_stride, column, zeros, piece);
    column += piece;
  }
}

/// The rows of a row-major matrix as a left operand. A left operand is anything with this write().
template <class S>
struct MatrixRows {
  const S* data = nullptr;
  Index row_stride = 0;

  /// Columns begin .. end - 1 of `count` rows from row `first` on, as a tile that starts with column `begin`.
  void write(Index first, Index count, Index begin, Index end, S* tile, Index block_stride) const {
    run_compiled<S, Write>(Part{data + first * row_stride + begin, row_stride, count, end - begin, tile, block_stride});
  }

 private:
  struct Part {
    const S* from;
    Index row_stride, count, columns;
    S* tile;
    Index block_stride;
  };
  struct Write {
    template <class Simd>
    GRAFT_INLINE static void run(const Part& part) {
      for (Index i = 0; i < part.count; ++i)
        write_tile_row(part.tile + i * tile_block<S>, part.block_stride, 0, part.from + i * part.row_stride,
                       part.columns);
    }
  };
};

/// The elements of a tile of up to `rows` rows, and how far its blocks are apart. An odd number of cache lines: the
/// blocks of one row then fall into different sets of the cache. One row more than asked for, because the microkernels
/// compute an even number of rows.
template <class S>
struct TileLayout {
  Index rows = 0, columns = 0;

  Index block_stride() const { return ((rows + 1) | 1) * tile_block<S>; }
  Index size() const { return ceil_div(columns, tile_block<S>) * block_stride(); }
};

}  // namespace graft::ops
