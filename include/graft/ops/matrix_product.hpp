#pragma once
#include <array>
#include <graft/core/thread_pool.hpp>
#include <graft/ops/activation.hpp>
#include <graft/ops/panel_pack.hpp>

namespace graft::ops {

/// What happens to a product before it is stored: y = activation(product + bias), bias one value for each column.
template <class S>
struct Epilogue {
  const S* bias = nullptr;
  Activation activation;
  /// Of a convolution that takes it, and with an activation in registers: then the maximum over windows of 2 x 2
  /// outputs with strides of 2, so that y has (floor(height / 2), floor(width / 2)) pixels.
  bool max_pool = false;

  /// True if the microkernels apply the activation in registers.
  bool is_plain_relu() const {
    return activation.kind == ActivationKind::relu && activation.negative_slope == 0 && activation.threshold == 0 &&
           activation.max_value == std::numeric_limits<double>::infinity();
  }
  bool in_registers() const { return is_plain_relu() || activation.kind == ActivationKind::linear; }
};

/// C (m, n) = activation(A (m, k) B (k, n) + bias), all row-major, any size from 0 on, with B packed beforehand.
///
/// An element is the sum over k in order, in chunks whose length depends on k alone, so its bits depend neither on m,
/// nor on its row, nor on the number of threads. Owns no memory: `packed` and `work` are the caller's, aligned to 64
/// bytes. With few rows the time is that of reading `packed` once.
template <class S>
class MatrixProduct {
 public:
  // A tile of 112 x 640 floats is 287 KB: it stays in the second-level cache, and 14 of its rows in the first.
  static constexpr Index max_chunk = 40 * tile_block<S>;

  MatrixProduct(Index k, Index n) : chunks_(Ranges::up_to(k, max_chunk, tile_block<S>)), n_(n) {}

  Index k() const { return chunks_.n; }
  Index n() const { return n_; }

  /// Elements of a packed B. Depends on the instruction set, as the layout does.
  Index packed_size() const { return k() * round_up(n_, kernels_.width); }
  /// b (k, n)
  void pack(const S* b, S* packed) const { pack_rows(0, k(), {b, n_, 1}, packed); }
  /// bt (n, k)
  void pack_transposed(const S* bt, S* packed) const { pack_rows(0, k(), {bt, 1, k()}, packed); }
  /// Rows begin .. end - 1 of B, which `rows` starts with.
  void pack_rows(Index begin, Index end, StridedMatrix<S> rows, S* packed) const;

  /// Elements of scratch memory for up to m rows with the present number of threads.
  Index work_size(Index m) const { return thread_pool().threads() * slot_layout(m).size(); }

  /// a (m, k), c (m, n)
  void operator()(Index m, const S* a, const S* packed, S* c, const Epilogue<S>& epilogue, S* work) const {
    multiply(
        m, MatrixRows<S>{a, k()}, packed, c, [this](Index row) { return row * n_; }, epilogue, work);
  }
  /// The left operand is any type with MatrixRows' write(); row i of the product goes to c + offset(i).
  template <class Rows, class Offset>
  void multiply(Index m, const Rows& a, const S* packed, S* c, const Offset& offset, const Epilogue<S>& epilogue,
                S* work) const;

 private:
  static constexpr Index max_rows = 112;
  static_assert(max_rows <= max_tile_rows);
  // 2 microseconds of multiplying: with less, waking a second thread costs more than it saves.
  static constexpr Index thread_grain = 1 << 18;

  /// The grid of work items: tiles of rows by parts of the panels.
  struct Grid {
    Ranges tiles;
    Index parts;
  };
  /// One item: rows first .. first + rows - 1, panels begin .. end - 1.
  struct Item {
    Index first, rows, begin, end;
    S* c;
    const Index* offset;
    S* tile;
    Index block_stride;
  };

  Index panels() const { return ceil_div(n_, kernels_.panel_columns()); }
  Index columns(Index panel) const { return std::min(kernels_.panel_columns(), n_ - panel * kernels_.panel_columns()); }
  /// Columns as stored: whole vectors.
  Index width(Index panel) const { return round_up(columns(panel), kernels_.width); }
  /// Where a panel's part for one chunk starts: [chunk][panel][step][column].
  Index place(Index chunk, Index panel) const {
    return chunks_.begin(chunk) * round_up(n_, kernels_.width) + chunks_.size(chunk) * panel * kernels_.panel_columns();
  }
  TileLayout<S> slot_layout(Index m) const { return {std::min(m, max_rows), chunks_.length}; }

  Grid grid(Index m) const;
  void multiply_chunk(Index chunk, const Item& item, const S* packed, const Epilogue<S>& epilogue) const;
  void activate(const Item& item, const Activation& activation) const;

  const Microkernels<S>& kernels_ = microkernels<S>();
  Ranges chunks_;
  Index n_;
};

template <class S>
void MatrixProduct<S>::pack_rows(Index begin, Index end, StridedMatrix<S> rows, S* packed) const {
  // 16 rows: whole vectors of a transposed operand. 8 panels: long enough lines, and the first thread packs the first
  // columns, those that it will read.
  constexpr Index height = 16, group = 8;
  const Index blocks = ceil_div(chunks_.length, height), bands = chunks_.count * blocks;
  thread_pool().each(ceil_div(panels(), group) * bands, [&](Index item, Index) {
    const Index panel = item / bands * group, chunk = item % bands / blocks;
    const Index first = chunks_.begin(chunk) + item % blocks * height, column = panel * kernels_.panel_columns();
    const Index from = std::max(begin, first), to = std::min({end, first + height, chunks_.end(chunk)});
    if (from >= to) return;
    StridedMatrix<S> part = rows;
    part.data += (from - begin) * rows.row_stride + column * rows.column_stride;
    run_compiled<S, PanelPackKernel>(PanelPack<S>{
        part, to - from, from - chunks_.begin(chunk), std::min(n_ - column, group * kernels_.panel_columns()),
        kernels_.panel_columns(), chunks_.size(chunk) * kernels_.panel_columns(), packed + place(chunk, panel)});
  });
}

/// The larger operand is divided, so that it is read once: A by rows, or B by columns. With few rows, columns are.
template <class S>
auto MatrixProduct<S>::grid(Index m) const -> Grid {
  const Index threads = std::clamp<Index>(m * n_ * k() / thread_grain, 1, thread_pool().threads());
  const Index rows = kernels_.rows;
  Index tiles = ceil_div(m, max_rows / rows * rows);
  if (tiles >= threads && (m >= n_ || panels() < threads)) {
    if (tiles < 4 * threads) tiles = round_up(tiles, threads);
    return {Ranges::up_to(m, ceil_div(m, tiles), 1), 1};
  }
  const Index parts = std::min(panels(), tiles >= threads ? threads : ceil_div(2 * threads, tiles));
  if (tiles * parts < threads) tiles = std::min(ceil_div(m, rows), ceil_div(threads, parts));
  return {Ranges::up_to(m, ceil_div(m, tiles), 1), parts};
}

template <class S>
template <class Rows, class Offset>
void MatrixProduct<S>::multiply(Index m, const Rows& a, const S* packed, S* c, const Offset& offset,
                                const Epilogue<S>& epilogue, S* work) const {
  if (m == 0 || n_ == 0) return;
  const auto [tiles, parts] = grid(m);
  const TileLayout<S> layout = slot_layout(m);
  thread_pool().each(tiles.count * parts, [&, tiles = tiles, parts = parts](Index i, Index slot) {
    const Index tile = i % tiles.count, part = i / tiles.count;
    std::array<Index, max_rows> offsets;
    const Item item{tiles.begin(tile),
                    tiles.size(tile),
                    panels() * part / parts,
                    panels() * (part + 1) / parts,
                    c,
                    offsets.data(),
                    work + slot * layout.size(),
                    layout.block_stride()};
    for (Index row = 0; row < item.rows; ++row) offsets[to_size(row)] = offset(item.first + row);
    for (Index chunk = 0; chunk < chunks_.count; ++chunk) {
      a.write(item.first, item.rows, chunks_.begin(chunk), chunks_.end(chunk), item.tile, item.block_stride);
      multiply_chunk(chunk, item, packed, epilogue);
    }
    if (!epilogue.in_registers()) activate(item, epilogue.activation);
  });
}

template <class S>
void MatrixProduct<S>::multiply_chunk(Index chunk, const Item& item, const S* packed,
                                      const Epilogue<S>& epilogue) const {
  const bool last = chunk == chunks_.count - 1;
  ProductCall<S> call;
  call.a = item.tile;
  call.offset = item.offset;
  call.steps = chunks_.size(chunk);
  call.a_block_stride = item.block_stride;
  call.accumulate = chunk > 0;
  call.relu = last && epilogue.is_plain_relu();
  for (Index panel = item.begin; panel < item.end; ++panel) {
    const Index column = panel * kernels_.panel_columns();
    call.columns = columns(panel);
    call.b = packed + place(chunk, panel);
    call.next = call.b + call.steps * width(panel);
    call.c = item.c + column;
    if (last && epilogue.bias != nullptr) call.bias = epilogue.bias + column;
    kernels_.multiply(call, item.rows);
  }
}

template <class S>
void MatrixProduct<S>::activate(const Item& item, const Activation& activation) const {
  const Index begin = item.begin * kernels_.panel_columns(), end = std::min(n_, item.end * kernels_.panel_columns());
  for (Index row = 0; row < item.rows; ++row)
    apply_activation(activation, item.c + item.offset[row] + begin, end - begin);
}

}  // namespace graft::ops
