#pragma once
#include <algorithm>
#include <cstring>
#include <graft/ops/microkernel.hpp>

/// How operands are cut up and laid out for the microkernels.
namespace graft::ops {

constexpr Index ceil_div(Index n, Index d) { return (n + d - 1) / d; }
constexpr Index round_up(Index n, Index unit) { return ceil_div(n, unit) * unit; }

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

/// Copies n columns of one row into a tile, from column `column` on. `row` is the row's place in the tile's first
/// block.
template <class S>
void write_tile_row(S* row, Index block_stride, Index column, const S* from, Index n) {
  constexpr Index block = tile_block<S>;
  S* to = row + column / block * block_stride;
  Index lane = column % block;
  while (n > 0) {
    const Index piece = std::min(n, block - lane);
    if (piece == block)
      std::memcpy(to, from, 64);
    else
      for (Index i = 0; i < piece; ++i) to[lane + i] = from[i];
    from += piece;
    n -= piece;
    to += block_stride;
    lane = 0;
  }
}
/// Zeros n columns of one row of a tile, from column `column` on.
template <class S>
void zero_tile_row(S* row, Index block_stride, Index column, Index n) {
  constexpr Index block = tile_block<S>;
  for (Index i = column; i < column + n; ++i) row[i / block * block_stride + i % block] = S(0);
}

/// The rows of a row-major matrix as a left operand. A left operand is anything with this write().
template <class S>
struct MatrixRows {
  const S* data = nullptr;
  Index row_stride = 0;

  /// Columns begin .. end - 1 of `count` rows from row `first` on, as a tile that starts with column `begin`.
  void write(Index first, Index count, Index begin, Index end, S* tile, Index block_stride) const {
    for (Index i = 0; i < count; ++i)
      write_tile_row(tile + i * tile_block<S>, block_stride, 0, data + (first + i) * row_stride + begin, end - begin);
  }
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
