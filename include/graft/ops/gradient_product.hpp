#pragma once
#include <array>
#include <graft/core/thread_pool.hpp>
#include <graft/ops/tile.hpp>

namespace graft::ops {

/// D (k, n) += A^T (k, m) C (m, n): the gradient of a product's right operand. A is (m, k), C (m, n), all row-major.
///
/// An element is the sum over blocks of 192 rows, in order, each block summed over its rows in order; D is divided
/// among threads, never m, so the bits do not depend on the number of threads. Owns no memory: `work` is the caller's,
/// aligned to 64 bytes.
template <class S>
class GradientProduct {
 public:
  GradientProduct(Index k, Index n) : k_(k), n_(n) {}

  /// Elements of scratch memory with the present number of threads.
  Index work_size() const { return thread_pool().threads() * slot_size(); }

  void operator()(Index m, const S* a, const S* c, S* d, S* work) const {
    add(m, MatrixRows<S>{a, k_}, {c, n_}, d, n_, work);
  }
  /// The left operand is any type with MatrixRows' write(); row i of D stands at d + i * d_stride.
  template <class Rows>
  void add(Index m, const Rows& a, MatrixRows<S> c, S* d, Index d_stride, S* work) const;

 private:
  // Per item 192 x (256 + 512) floats of operands, 590 KB, and up to 524 KB of D that stays in the cache from one block
  // of rows to the next one.
  static constexpr Index block_rows = max_tile_rows, max_k = 16 * tile_block<S>, max_n = 32 * tile_block<S>;

  /// One item: rows and columns of D, and the slot's memory for the operands.
  struct Item {
    Index k_begin, k_end, n_begin, n_end;
    S* d;
    Index d_stride;
    S *tile, *panels;
  };

  TileLayout<S> layout() const { return {block_rows, std::min(k_, max_k)}; }
  Index slot_size() const { return layout().size() + block_rows * round_up(std::min(n_, max_n), tile_block<S>); }
  Ranges k_ranges() const {
    const Index threads = thread_pool().threads(), pieces = round_up(ceil_div(k_, max_k), threads);
    return Ranges::up_to(k_, std::max<Index>(1, ceil_div(k_, pieces)), tile_block<S>);
  }
  Ranges n_ranges(Index k_count) const {
    const Index pieces = std::max(ceil_div(n_, max_n), ceil_div(thread_pool().threads(), k_count));
    return Ranges::up_to(n_, ceil_div(n_, pieces), kernels_.panel_columns());
  }

  void pack(Index rows, const S* c, Index c_stride, const Item& item) const;
  void multiply(Index rows, const Item& item) const;

  const Microkernels<S>& kernels_ = microkernels<S>();
  Index k_, n_;
};

template <class S>
template <class Rows>
void GradientProduct<S>::add(Index m, const Rows& a, MatrixRows<S> c, S* d, Index d_stride, S* work) const {
  if (m == 0 || k_ == 0 || n_ == 0) return;
  const Ranges ks = k_ranges(), ns = n_ranges(ks.count);
  thread_pool().each(ks.count * ns.count, [&](Index i, Index slot) {
    const Index k = i / ns.count, n = i % ns.count;
    S* const tile = work + slot * slot_size();
    const Item item{ks.begin(k), ks.end(k), ns.begin(n), ns.end(n), d, d_stride, tile, tile + layout().size()};
    for (Index first = 0; first < m; first += block_rows) {
      const Index rows = std::min(block_rows, m - first);
      a.write(first, rows, item.k_begin, item.k_end, item.tile, layout().block_stride());
      pack(rows, c.data + first * c.row_stride + item.n_begin, c.row_stride, item);
      multiply(rows, item);
    }
  });
}

/// The item's columns of C as panels.
template <class S>
void GradientProduct<S>::pack(Index rows, const S* c, Index c_stride, const Item& item) const {
  std::array<const S*, block_rows> from;
  for (Index row = 0; row < rows; ++row) from[to_size(row)] = c + row * c_stride;
  S* to = item.panels;
  for (Index column = item.n_begin; column < item.n_end; column += kernels_.panel_columns()) {
    const Index n = std::min(kernels_.panel_columns(), item.n_end - column), stored = round_up(n, kernels_.width);
    if (n < stored) std::fill_n(to, rows * stored, S(0));
    run_compiled<S, ColumnCopyKernel>(ColumnCopy<S>{from.data(), rows, column - item.n_begin, n, to, stored});
    to += rows * stored;
  }
}

template <class S>
void GradientProduct<S>::multiply(Index rows, const Item& item) const {
  constexpr Index block = tile_block<S>;
  GradientCall<S> call;
  call.steps = rows;
  call.c_stride = item.d_stride;
  for (Index k = item.k_begin; k < item.k_end; k += kernels_.lanes) {
    const Index column = k - item.k_begin;
    call.a = item.tile + column / block * layout().block_stride() + column % block;
    call.lanes = std::min(kernels_.lanes, item.k_end - k);
    call.b = item.panels;
    for (Index n = item.n_begin; n < item.n_end; n += kernels_.panel_columns()) {
      call.columns = std::min(kernels_.panel_columns(), item.n_end - n);
      call.c = item.d + k * item.d_stride + n;
      kernels_.gradient(call);
      call.b += rows * round_up(call.columns, kernels_.width);
    }
  }
}

}  // namespace graft::ops
