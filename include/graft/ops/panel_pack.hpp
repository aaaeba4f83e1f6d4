#pragma once
#include <array>
#include <graft/ops/lanes.hpp>
#include <graft/ops/tile.hpp>

namespace graft::ops {

/// Rows of a right operand as panels store them: element (i, j) at to + j / panel_columns * panel_stride +
/// (first_row + i) * stored + j % panel_columns, where a panel's rows are whole vectors (`stored`), the last panel's
/// fewer, whose missing columns are zero. One of the operand's strides is 1.
template <class S>
struct PanelPack {
  StridedMatrix<S> from;
  Index rows = 0, first_row = 0, columns = 0, panel_columns = 0, panel_stride = 0;
  S* to = nullptr;
};

/// Rows are read along their lines, through all panels: panel by panel, a step further in memory is a page further,
/// which no prefetcher follows. A transposed operand, whose columns are contiguous, is turned in registers, a square of
/// vectors at a time.
struct PanelPackKernel {
  template <class Simd, class Call>
  GRAFT_INLINE static void run(const Call& call) {
    if (call.from.column_stride == 1)
      for (Index i = 0; i < call.rows; ++i) each_vector<Lanes<Simd>>(call, i, 1, Copy{});
    else
      for (Index i = 0; i < call.rows; i += Lanes<Simd>::count)
        each_vector<Lanes<Simd>>(call, i, std::min<Index>(call.rows - i, Lanes<Simd>::count), Turn{});
  }

 private:
  // For every vector of columns of rows i .. i + rows - 1.
  template <class L, class Call, class F>
  GRAFT_INLINE static void each_vector(const Call& call, Index i, Index rows, const F& f) {
    auto* panel = call.to;
    for (Index first = 0; first < call.columns; first += call.panel_columns, panel += call.panel_stride) {
      const Index columns = std::min(call.columns - first, call.panel_columns), stored = round_up(columns, L::count);
      for (Index j = 0; j < columns; j += L::count)
        f.template run<L>(call.from, i, rows, first + j, std::min<Index>(columns - j, L::count),
                          panel + (call.first_row + i) * stored + j, stored);
    }
  }
  struct Copy {
    template <class L, class S>
    GRAFT_INLINE void run(const StridedMatrix<S>& from, Index i, Index, Index j, Index columns, S* to, Index) const {
      L::load(from.data + i * from.row_stride + j, columns).store(to);
    }
  };
  struct Turn {
    template <class L, class S>
    GRAFT_INLINE void run(const StridedMatrix<S>& from, Index i, Index rows, Index j, Index columns, S* to,
                          Index stored) const {
      std::array<L, L::count> square;
      for (Index c = 0; c < L::count; ++c)
        if (c < columns) square[to_size(c)] = L::load(from.data + (j + c) * from.column_stride + i, rows);
      transpose(square);
      for (Index r = 0; r < L::count; ++r)
        if (r < rows) square[to_size(r)].store(to + r * stored);
    }
  };
  // Swaps quarters of squares of 2, 4, 8, .. lanes: log2 of the width stages.
  template <class L>
  GRAFT_INLINE static void transpose(std::array<L, L::count>& square) {
    swap_quarters<1>(square);
    if constexpr (L::count > 2) swap_quarters<2>(square);
    if constexpr (L::count > 4) swap_quarters<4>(square);
    if constexpr (L::count > 8) swap_quarters<8>(square);
  }
  template <int Half, class L>
  GRAFT_INLINE static void swap_quarters(std::array<L, L::count>& square) {
    constexpr std::make_integer_sequence<int, L::count> all{};
    const auto swap = [&](std::size_t top)
                          GRAFT_INLINE_LAMBDA { swap_halves<Half>(square[top], square[top + Half], all); };
    unroll<L::count / 2>([&](auto... k) GRAFT_INLINE_LAMBDA { (swap(k / Half * 2 * Half + k % Half), ...); });
  }
  // Of every 2 Half lanes, the upper half of a and the lower half of b change places.
  template <int Half, class L, int... I>
  GRAFT_INLINE static void swap_halves(L& a, L& b, std::integer_sequence<int, I...>) {
    const typename L::Vector x = a.vector(), y = b.vector();
    a = L(typename L::Vector(__builtin_shufflevector(x, y, (I / Half % 2 == 0 ? I : L::count + I - Half)...)));
    b = L(typename L::Vector(__builtin_shufflevector(x, y, (I / Half % 2 == 0 ? I + Half : L::count + I)...)));
  }
};

}  // namespace graft::ops
