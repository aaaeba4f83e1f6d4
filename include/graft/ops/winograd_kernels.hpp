#pragma once
#include <graft/ops/lanes.hpp>
#include <graft/ops/winograd_transform.hpp>
#include <limits>

namespace graft::ops::winograd {

/// The tiles of a batch of images (batch, height, width, channels), in row-major order: those of the outputs, which
/// cover the image, or the patches of inputs that they look at, which overlap and reach into the padding.
template <class S>
struct Tiles {
  S* images = nullptr;
  Index height = 0, width = 0, channels = 0;
  Index step = tile;               ///< pixels from one tile to the next one
  Index rows = 0, columns = 0;     ///< tiles of one image
  Index first_y = 0, first_x = 0;  ///< the first tile's first pixel

  Index pixel(Index y, Index x) const { return y * (width * channels) + x * channels; }
};

/// One of the tiles: pixel (i, j) of it stands at images + origin + pixel(i, j) and exists for begin <= i, j < end.
struct TilePlace {
  Index origin, begin_y, end_y, begin_x, end_x;

  template <class S>
  GRAFT_INLINE static TilePlace of(const Tiles<S>& t, Index index, Index extent) {
    const Index row = index / t.columns, sample = row / t.rows;
    const Index y = (row - sample * t.rows) * t.step + t.first_y, x = (index - row * t.columns) * t.step + t.first_x;
    return {t.pixel(sample * t.height + y, x), y < 0 ? -y : 0, y + extent > t.height ? t.height - y : extent,
            x < 0 ? -x : 0, x + extent > t.width ? t.width - x : extent};
  }
  GRAFT_INLINE bool is_whole(Index extent) const {
    return begin_y == 0 && begin_x == 0 && end_y == extent && end_x == extent;
  }
  GRAFT_INLINE bool contains(Index i, Index j) const { return i >= begin_y && i < end_y && j >= begin_x && j < end_x; }
};

/// 36 matrices that hold one element of every transformed tile each: (tile, channel), in blocks of `block` channels,
/// stored [plane][channel / block][tile][block].
template <class S>
struct Planes {
  S* data = nullptr;
  Index plane_stride = 0, block = 0, block_stride = 0;

  /// f(where it is, first channel) for the vectors of one tile's channels begin .. end - 1; begin is a block's first.
  template <int Width, class F>
  GRAFT_INLINE void each_vector(Index row, Index begin, Index end, const F& f) const {
    S* at = data + begin / block * block_stride + row * block;
    for (Index first = begin; first < end; first += block, at += block_stride)
      for (Index c = 0; c < block && first + c < end; c += Width) f(at + c, first + c);
  }
};

/// Row i of the planes = T x T^T for x = tile first + i, zero in the padding, i = 0 .. count - 1; channels begin .. end
/// - 1 of them, begin a multiple of the block. The vector of the last channel is filled up with zeros.
template <class S>
struct ScatterCall {
  Tiles<const S> tiles;
  Planes<S> planes;
  Index first = 0, count = 0, begin = 0, end = 0;
};
template <class T>
struct ScatterKernel {
  template <class Simd, class S>
  GRAFT_INLINE static void run(const ScatterCall<S>& call) {
    using L = Lanes<Simd>;
    for (Index i = 0; i < call.count; ++i) {
      const TilePlace place = TilePlace::of(call.tiles, call.first + i, T::in);
      const bool whole = place.is_whole(T::in);
      call.planes.template each_vector<L::count>(i, call.begin, call.end, [&](S* to, Index c) GRAFT_INLINE_LAMBDA {
        const Index lanes = call.end - c < L::count ? call.end - c : L::count, origin = place.origin + c;
        const auto store = [&](int p, int q, const L& v)
                               GRAFT_INLINE_LAMBDA { v.store(to + (p * T::out + q) * call.planes.plane_stride); };
        if (whole && lanes == L::count)
          transform<T, L>(
              [&](int y, int x) GRAFT_INLINE_LAMBDA {
                const S* const from = call.tiles.images + origin + call.tiles.pixel(y, x);
                // What the tile to the right adds: half of the time without.
                if (x >= T::in - tile) __builtin_prefetch(from + tile * call.tiles.channels);
                return L::load(from);
              },
              store);
        else
          transform<T, L>(
              [&](int y, int x) GRAFT_INLINE_LAMBDA {
                if (!place.contains(y, x)) return L();
                return L::load(call.tiles.images + origin + call.tiles.pixel(y, x), lanes);
              },
              store);
      });
    }
  }
};

/// Tile first + i = max(A^T m A + bias, lowest) for m = row i of the planes, i = 0 .. count - 1; filters begin .. end -
/// 1 of them, begin a multiple of the block.
template <class S>
struct GatherCall {
  Planes<const S> planes;
  Tiles<S> tiles;
  Index first = 0, count = 0, begin = 0, end = 0;
  const S* bias = nullptr;
  S lowest = -std::numeric_limits<S>::infinity();
};
/// With Pool = 2, the maximum over windows of 2 x 2 of that, so that a tile has 2 x 2 pixels.
template <int Pool>
struct GatherKernel {
  template <class Simd, class S>
  GRAFT_INLINE static void run(const GatherCall<S>& call) {
    using L = Lanes<Simd>;
    const L lowest(call.lowest);
    for (Index i = 0; i < call.count; ++i) {
      const TilePlace place = TilePlace::of(call.tiles, call.first + i, tile / Pool);
      const bool whole = place.is_whole(tile / Pool);
      call.planes.template each_vector<L::count>(
          i, call.begin, call.end, [&](const S* from, Index f) GRAFT_INLINE_LAMBDA {
            const Index lanes = call.end - f < L::count ? call.end - f : L::count;
            const L bias = call.bias == nullptr ? L() : L::load(call.bias + f, lanes);
            S* const images = call.tiles.images;
            const Index origin = place.origin + f;
            const auto load = [&](int p, int q) GRAFT_INLINE_LAMBDA {
              return L::load(from + (p * patch + q) * call.planes.plane_stride);
            };
            if (whole && lanes == L::count)
              finish(load, bias, lowest, [&](int y, int x, const L& v) GRAFT_INLINE_LAMBDA {
                v.store(images + origin + call.tiles.pixel(y, x));
              });
            else
              finish(load, bias, lowest, [&](int y, int x, const L& v) GRAFT_INLINE_LAMBDA {
                if (place.contains(y, x)) v.store(images + origin + call.tiles.pixel(y, x), lanes);
              });
          });
    }
  }

 private:
  template <class L, class Load, class Store>
  GRAFT_INLINE static void finish(const Load& load, const L& bias, const L& lowest, const Store& store) {
    if constexpr (Pool == 1) {
      transform<TileTransform, L>(
          load, [&](int y, int x, const L& v) GRAFT_INLINE_LAMBDA { store(y, x, max(v + bias, lowest)); });
    } else {
      L best[tile];
      transform<TileTransform, L>(load, [&](int y, int x, const L& v) GRAFT_INLINE_LAMBDA {
        const L z = max(v + bias, lowest);
        best[x] = y % 2 == 0 ? z : max(best[x], z);
        if (y % 2 == 1 && x % 2 == 1) store(y / 2, x / 2, max(best[x - 1], best[x]));
      });
    }
  }
};

/// Transforms one channel of a kernel for columns 0 .. columns - 1 of its filters, filled up with zeros to whole
/// vectors: to[plane] = (G w G^T)(plane), w(i, j) at taps[3 i + j].
template <class S>
struct FilterCall {
  const S* const* taps = nullptr;
  Index offset = 0, columns = 0;
  S* to = nullptr;
  Index plane_stride = 0;
};
struct FilterKernel {
  template <class Simd, class S>
  GRAFT_INLINE static void run(const FilterCall<S>& call) {
    using L = Lanes<Simd>;
    for (Index f = 0; f < call.columns; f += L::count) {
      const Index lanes = call.columns - f < L::count ? call.columns - f : L::count;
      transform<KernelTransform, L>(
          [&](int i, int j) GRAFT_INLINE_LAMBDA { return L::load(call.taps[i * taps + j] + call.offset + f, lanes); },
          [&](int p, int q, const L& v)
              GRAFT_INLINE_LAMBDA { v.store(call.to + (p * patch + q) * call.plane_stride + f); });
    }
  }
};

/// Adds G^T u G to one channel of a kernel's gradient, columns 0 .. columns - 1, u from planes at from + plane *
/// plane_stride.
template <class S>
struct FilterGradientCall {
  const S* from = nullptr;
  Index plane_stride = 0;
  S* to = nullptr;
  Index tap_stride = 0, columns = 0;
  Index next = 0;  ///< from `to` to what the next call adds to
};
struct FilterGradientKernel {
  template <class Simd, class S>
  GRAFT_INLINE static void run(const FilterGradientCall<S>& call) {
    using L = Lanes<Simd>;
    for (Index f = 0; f < call.columns; f += L::count) {
      const Index lanes = call.columns - f < L::count ? call.columns - f : L::count;
      transform<KernelGradientTransform, L>(
          [&](int p, int q)
              GRAFT_INLINE_LAMBDA { return L::load(call.from + (p * patch + q) * call.plane_stride + f); },
          [&](int i, int j, const L& v) GRAFT_INLINE_LAMBDA {
            S* const to = call.to + (i * taps + j) * call.tap_stride + f;
            __builtin_prefetch(to + call.next, 1);
            (L::load(to, lanes) + v).store(to, lanes);
          });
    }
  }
};

}  // namespace graft::ops::winograd
