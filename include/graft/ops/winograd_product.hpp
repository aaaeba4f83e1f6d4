#pragma once
#include <array>
#include <graft/ops/matrix_product.hpp>
#include <graft/ops/parallel.hpp>
#include <graft/ops/winograd_kernels.hpp>

namespace graft::ops::winograd {

/// From one plane to the next one: whole pages and 5 cache lines, so that the 36 planes of one element fall into
/// different sets of the caches.
template <class S>
constexpr Index plane_stride(Index elements) {
  return round_up(elements, 4096 / static_cast<Index>(sizeof(S))) + 5 * tile_block<S>;
}

/// A 3 x 3 convolution with stride 1 as 36 products of (tiles, channels) with (channels, filters):
///   y = activation(A^T (sum over channels of (B^T x B) . (G w G^T)) A + bias)
/// A tile's bits depend on its patch alone, not on the tiles computed beside it nor on the number of threads.
template <class S>
class Product {
 public:
  Product(Index channels, Index filters) : channels_(channels), filters_(filters) {}

  /// Elements of a packed kernel: [plane][panel of filters][channel][filter].
  Index packed_size() const { return planes * packed_plane(); }
  /// w(i, j, c, f) is element (c, f) of kernel[3 i + j].
  void pack(const std::array<StridedMatrix<S>, taps * taps>& kernel, S* packed) const;

  /// Elements of scratch memory for up to `count` tiles with the present number of threads.
  Index work_size(Index count) const;
  /// Writes y from x, two views of the same `count` tiles. Where epilogue.max_pool, y has tiles of 2 x 2 maxima.
  void multiply(Index count, const Tiles<const S>& x, const Tiles<S>& y, const S* packed, const Epilogue<S>& epilogue,
                S* work) const;

 private:
  // With all transformed tiles of a block and their products in the second-level cache (1 MB), one thread does all of
  // a block; flat within noise from 28 to 84 tiles.
  static constexpr Index cache_bytes = 768 << 10, min_block = 28, max_block = 56;
  // Where the packed kernel is larger than a thread's share of the third-level cache it is read once for as many tiles
  // as possible, by all threads together.
  static constexpr Index shared_kernel_bytes = 12 << 20, shared_block = 192;
  static_assert(shared_block <= max_tile_rows);

  /// The transformed patches and products of up to `rows` tiles.
  struct Memory {
    Planes<S> patches, products;
    Index size = 0;
    std::array<Index, max_tile_rows> offsets{};  ///< of the products' rows
  };
  struct Job {
    Tiles<const S> x;
    Tiles<S> y;
    const S* packed;
    const S* bias;
    S lowest;
  };

  Index panels() const { return ceil_div(filters_, kernels_.panel_columns()); }
  /// Columns of a panel as stored: whole vectors.
  Index width(Index panel) const {
    return std::min(kernels_.panel_columns(), round_up(filters_, kernels_.width) - panel * kernels_.panel_columns());
  }
  Index packed_plane() const { return plane_stride<S>(channels_ * round_up(filters_, kernels_.width)); }

  Index block() const {
    const Index fit = cache_bytes / (planes * (channels_ + filters_) * static_cast<Index>(sizeof(S)));
    return std::clamp(fit / min_block * min_block, min_block, max_block);
  }
  /// Fewer tiles than this are computed by all threads together.
  Index alone_from() const {
    const bool large = packed_size() * static_cast<Index>(sizeof(S)) > shared_kernel_bytes;
    return large ? std::numeric_limits<Index>::max() : 3 * block() * thread_pool().threads();
  }
  Memory memory(Index rows, S* work) const;

  void multiply_alone(Index count, const Job& job, S* work) const;
  void multiply_together(Index count, const Job& job, S* work) const;
  void scatter(const Job& job, const Planes<S>& patches, Index first, Index row, Index rows) const;
  void multiply_plane(Index plane, const Memory& at, Index rows, const S* packed, Index first, Index last) const;
  void gather(const Job& job, const Planes<S>& products, Index first, Index rows, Index begin, Index end) const;

  const Microkernels<S>& kernels_ = microkernels<S>();
  Index channels_, filters_;
};

template <class S>
void Product<S>::pack(const std::array<StridedMatrix<S>, taps * taps>& kernel, S* packed) const {
  constexpr Index group = 16, most = 2 * tile_block<S>;
  const Index groups = ceil_div(channels_, group);
  thread_pool().each(panels() * groups, [&](Index item, Index) {
    const Index panel = item / groups, column = panel * kernels_.panel_columns(), stored = width(panel);
    const Index columns = std::min(stored, filters_ - column);
    const Index begin = item % groups * group, end = std::min(channels_, begin + group);
    alignas(64) S lines[taps * taps][group * most];
    std::array<const S*, taps * taps> at;
    for (std::size_t t = 0; t < at.size(); ++t) {
      // Turned here where it is transposed: it is read along its lines.
      const auto [data, row, step] = kernel[t];
      const S* const from = data + begin * row + column * step;
      at[t] = lines[t];
      if (step == 1)
        for (Index c = 0; c < end - begin; ++c) std::copy_n(from + c * row, columns, lines[t] + c * most);
      else
        for (Index f = 0; f < columns; ++f)
          for (Index c = 0; c < end - begin; ++c) lines[t][c * most + f] = from[c * row + f * step];
    }
    S* to = packed + column * channels_ + begin * stored;
    for (Index c = begin; c < end; ++c, to += stored)
      run_compiled<S, FilterKernel>(FilterCall<S>{at.data(), (c - begin) * most, columns, to, packed_plane()});
  });
}

template <class S>
auto Product<S>::memory(Index rows, S* work) const -> Memory {
  const TileLayout<S> layout{rows, channels_};
  const Index patches = plane_stride<S>(layout.size());
  const Index columns = kernels_.panel_columns(), products = plane_stride<S>(panels() * rows * columns);
  Memory at{{work, patches, tile_block<S>, layout.block_stride()},
            {work + planes * patches, products, columns, rows * columns},
            planes * (patches + products)};
  for (Index row = 0; row < rows; ++row) at.offsets[to_size(row)] = row * columns;
  return at;
}

template <class S>
Index Product<S>::work_size(Index count) const {
  const Index together = std::min({count, shared_block, alone_from() - 1});
  Index size = memory(together, nullptr).size;
  if (count >= alone_from()) size = std::max(size, thread_pool().threads() * memory(block(), nullptr).size);
  return size;
}

template <class S>
void Product<S>::multiply(Index count, const Tiles<const S>& x, const Tiles<S>& y, const S* packed,
                          const Epilogue<S>& epilogue, S* work) const {
  const S lowest = epilogue.is_plain_relu() ? S(0) : -std::numeric_limits<S>::infinity();
  const Job job{x, y, packed, epilogue.bias, lowest};
  if (count >= alone_from())
    multiply_alone(count, job, work);
  else
    multiply_together(count, job, work);
  if (epilogue.in_registers()) return;
  const Index lines = count / (y.rows * y.columns) * y.height, line = y.width * y.channels;
  each_range(lines, line, [&](Index begin, Index end) {
    apply_activation(epilogue.activation, y.images + begin * line, (end - begin) * line);
  });
}

template <class S>
void Product<S>::multiply_alone(Index count, const Job& job, S* work) const {
  const Ranges blocks = Ranges::up_to(count, block(), 1);
  const Index slot_size = memory(block(), nullptr).size;
  thread_pool().each(blocks.count, [&](Index i, Index slot) {
    const Memory at = memory(block(), work + slot * slot_size);
    const Index first = blocks.begin(i), rows = blocks.size(i);
    scatter(job, at.patches, first, 0, rows);
    for (Index plane = 0; plane < planes; ++plane) multiply_plane(plane, at, rows, job.packed, 0, panels());
    gather(job, at.products, first, rows, 0, filters_);
  });
}

template <class S>
void Product<S>::multiply_together(Index count, const Job& job, S* work) const {
  const Ranges blocks = Ranges::up_to(count, shared_block, 1);
  const Memory at = memory(blocks.length, work);
  const Index halves = std::min<Index>(2, panels()), pieces = 4 * thread_pool().threads();
  for (Index i = 0; i < blocks.count; ++i) {
    const Index first = blocks.begin(i), rows = blocks.size(i);
    const Ranges parts = Ranges::up_to(rows, ceil_div(rows, pieces), 1);
    thread_pool().each(parts.count,
                       [&](Index p, Index) { scatter(job, at.patches, first, parts.begin(p), parts.size(p)); });
    thread_pool().each(planes * halves, [&](Index p, Index) {
      const Index half = p % halves;
      multiply_plane(p / halves, at, rows, job.packed, panels() * half / halves, panels() * (half + 1) / halves);
    });
    const Ranges columns = Ranges::up_to(filters_, ceil_div(filters_, pieces), kernels_.panel_columns());
    thread_pool().each(columns.count, [&](Index p, Index) {
      gather(job, at.products, first, rows, columns.begin(p), columns.end(p));
    });
  }
}

/// Rows row .. row + rows - 1 of the patches, which start with tile `first`.
template <class S>
void Product<S>::scatter(const Job& job, const Planes<S>& patches, Index first, Index row, Index rows) const {
  Planes<S> to = patches;
  to.data += row * to.block;
  run_compiled<S, ScatterKernel<PatchTransform>>(ScatterCall<S>{job.x, to, first + row, rows, 0, channels_});
}

/// Panels first .. last - 1.
template <class S>
void Product<S>::multiply_plane(Index plane, const Memory& at, Index rows, const S* packed, Index first,
                                Index last) const {
  ProductCall<S> call;
  call.steps = channels_;
  call.a = at.patches.data + plane * at.patches.plane_stride;
  call.a_block_stride = at.patches.block_stride;
  call.offset = at.offsets.data();
  for (Index panel = first; panel < last; ++panel) {
    call.columns = width(panel);
    call.b = packed + plane * packed_plane() + panel * kernels_.panel_columns() * channels_;
    call.next = call.b + channels_ * call.columns;
    call.c = at.products.data + plane * at.products.plane_stride + panel * at.products.block_stride;
    kernels_.multiply(call, rows);
  }
}

/// Filters begin .. end - 1 of `rows` tiles.
template <class S>
void Product<S>::gather(const Job& job, const Planes<S>& products, Index first, Index rows, Index begin,
                        Index end) const {
  const Planes<const S> from{products.data, products.plane_stride, products.block, products.block_stride};
  const GatherCall<S> call{from, job.y, first, rows, begin, end, job.bias, job.lowest};
  if (job.y.step == tile)
    run_compiled<S, GatherKernel<1>>(call);
  else
    run_compiled<S, GatherKernel<2>>(call);
}

}  // namespace graft::ops::winograd
