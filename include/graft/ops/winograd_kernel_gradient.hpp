#pragma once
#include <graft/ops/gradient_kernel.hpp>
#include <graft/ops/winograd_product.hpp>

namespace graft::ops::winograd {

/// The gradient of a 3 x 3 kernel, the transpose of the product's map:
///   dw += G^T (sum over tiles of (B^T x B) . (A dy A^T)) G
/// for every pair of channel and filter. Tiles are summed in order, in blocks whose length depends on the sizes alone,
/// so the bits do not depend on the number of threads.
template <class S>
class KernelGradient {
 public:
  /// `cache_bytes`: what both operands of a block of tiles take, at most. 24 MB stay in the third-level cache.
  KernelGradient(Index channels, Index filters, Index cache_bytes = Index{24} << 20)
      : channels_(channels), filters_(filters), cache_bytes_(cache_bytes) {}

  /// Elements of scratch memory for up to `count` tiles with the present number of threads.
  Index work_size(Index count) const {
    return memory(std::min(count, block()), nullptr).size + thread_pool().threads() * planes * product_stride;
  }
  /// x and dy are views of the same `count` tiles; dw (3, 3, channels, filters) is added to.
  void add(Index count, const Tiles<const S>& x, const Tiles<const S>& dy, S* dw, S* work) const;

 private:
  // One item's 36 products of up to 64 channels by 64 filters are 590 KB and stay in the second-level cache.
  static constexpr Index square = 64, product_stride = plane_stride<S>(square * square);

  struct Memory {
    Planes<S> patches, gradients;
    Index size = 0;
  };

  Index columns() const { return round_up(filters_, kernels_.panel_columns()); }
  Index block() const {
    return std::max<Index>(64, cache_bytes_ / (planes * (channels_ + columns()) * static_cast<Index>(sizeof(S))));
  }
  Memory memory(Index rows, S* work) const;
  void scatter(Index first, Index rows, const Tiles<const S>& x, const Tiles<const S>& dy, const Memory& at) const;
  void multiply(Index rows, const Memory& at, Index c, Index c_count, Index f, Index f_count, S* products) const;
  void finish(const S* products, Index c, Index c_count, Index f, Index f_count, S* dw) const;

  const Microkernels<S>& kernels_ = microkernels<S>();
  Index channels_, filters_, cache_bytes_;
};

template <class S>
auto KernelGradient<S>::memory(Index rows, S* work) const -> Memory {
  const TileLayout<S> layout{rows, channels_};
  const Index panel = kernels_.panel_columns(), patches = plane_stride<S>(layout.size());
  const Index gradients = plane_stride<S>(rows * columns());
  return {{work, patches, tile_block<S>, layout.block_stride()},
          {work + planes * patches, gradients, panel, rows * panel},
          planes * (patches + gradients)};
}

template <class S>
void KernelGradient<S>::add(Index count, const Tiles<const S>& x, const Tiles<const S>& dy, S* dw, S* work) const {
  const Ranges blocks = Ranges::up_to(count, block(), 1);
  const Memory at = memory(blocks.length, work);
  S* const slots = work + at.size;
  // Smaller squares where there would be fewer than threads. Which sums are made does not depend on them.
  Index side = square;
  while (side > kernels_.panel_columns() &&
         ceil_div(channels_, side) * ceil_div(filters_, side) < 2 * thread_pool().threads())
    side /= 2;
  const Ranges cs = Ranges::up_to(channels_, side, tile_block<S>),
               fs = Ranges::up_to(filters_, side, kernels_.panel_columns());
  for (Index i = 0; i < blocks.count; ++i) {
    scatter(blocks.begin(i), blocks.size(i), x, dy, at);
    thread_pool().each(cs.count * fs.count, [&](Index item, Index slot) {
      const Index c = item / fs.count, f = item % fs.count;
      S* const products = slots + slot * planes * product_stride;
      multiply(blocks.size(i), at, cs.begin(c), cs.size(c), fs.begin(f), fs.size(f), products);
      finish(products, cs.begin(c), cs.size(c), fs.begin(f), fs.size(f), dw);
    });
  }
}

template <class S>
void KernelGradient<S>::scatter(Index first, Index rows, const Tiles<const S>& x, const Tiles<const S>& dy,
                                const Memory& at) const {
  const Ranges parts = Ranges::up_to(rows, ceil_div(rows, 4 * thread_pool().threads()), 1);
  thread_pool().each(2 * parts.count, [&](Index item, Index) {
    const Index row = parts.begin(item / 2), count = parts.size(item / 2);
    Planes<S> to = item % 2 == 0 ? at.patches : at.gradients;
    to.data += row * to.block;
    if (item % 2 == 0)
      run_compiled<S, ScatterKernel<PatchTransform>>(ScatterCall<S>{x, to, first + row, count, 0, channels_});
    else
      run_compiled<S, ScatterKernel<TileGradientTransform>>(ScatterCall<S>{dy, to, first + row, count, 0, filters_});
  });
}

/// products [plane][64 channels][64 filters] = sum over tiles, for channels from c on and filters from f on.
template <class S>
void KernelGradient<S>::multiply(Index rows, const Memory& at, Index c, Index c_count, Index f, Index f_count,
                                 S* products) const {
  std::fill_n(products, planes * product_stride, S(0));
  const Index panel = kernels_.panel_columns();
  GradientCall<S> call;
  call.steps = rows;
  call.c_stride = square;
  call.lanes = kernels_.lanes;
  call.columns = panel;
  for (Index plane = 0; plane < planes; ++plane)
    for (Index j = 0; j < f_count; j += panel) {
      call.b = at.gradients.data + plane * at.gradients.plane_stride + (f + j) / panel * at.gradients.block_stride;
      for (Index i = 0; i < c_count; i += kernels_.lanes) {
        const Index channel = c + i, block = at.patches.block;
        call.a = at.patches.data + plane * at.patches.plane_stride + channel / block * at.patches.block_stride +
                 channel % block;
        call.c = products + plane * product_stride + i * square + j;
        kernels_.gradient(call);
      }
    }
}

template <class S>
void KernelGradient<S>::finish(const S* products, Index c, Index c_count, Index f, Index f_count, S* dw) const {
  for (Index i = 0; i < c_count; ++i)
    run_compiled<S, FilterGradientKernel>(FilterGradientCall<S>{
        products + i * square, product_stride, dw + (c + i) * filters_ + f, channels_ * filters_, f_count, filters_});
}

}  // namespace graft::ops::winograd
