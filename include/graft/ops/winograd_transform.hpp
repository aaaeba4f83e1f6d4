#pragma once
#include <graft/ops/isa.hpp>

/// Winograd's minimal filtering F(4 x 4, 3 x 3): a tile of 4 x 4 outputs of a 3 x 3 convolution with stride 1 is
///   y = A^T ((G w G^T) . (B^T x B)) A
/// for a patch x of 6 x 6 inputs and a kernel w, with . by elements: 36 multiplications for each pair of channel and
/// filter instead of 144. Evaluation points 0, 1, -1, 2, -2 and infinity; the largest factor is 8, so single precision
/// loses about one digit against a direct sum (relative L2 1e-6 of a VGG16's features). F(6 x 6, 3 x 3) was 1 to 4 %
/// faster on large images, slower on small ones, and doubles the packed kernels.
/// The gradients are the transposed maps. Source: Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks",
/// 2015. In the functions below x and y are arrays of Lanes: one number for each channel.
namespace graft::ops::winograd {

inline constexpr int tile = 4, taps = 3, patch = tile + taps - 1, planes = patch * patch;

/// y = B^T x: 6 inputs of a patch.
struct PatchTransform {
  static constexpr int in = patch, out = patch;
  template <class L>
  GRAFT_INLINE static void apply(const L* x, L* y) {
    const L even = x[4] - 4.0 * x[2], odd = x[3] - 4.0 * x[1], outer = x[4] - x[2], inner = 2.0 * (x[3] - x[1]);
    y[0] = 4.0 * x[0] - 5.0 * x[2] + x[4];
    y[1] = even + odd;
    y[2] = even - odd;
    y[3] = outer + inner;
    y[4] = outer - inner;
    y[5] = 4.0 * x[1] - 5.0 * x[3] + x[5];
  }
};

/// y = G x: 3 taps of a kernel.
struct KernelTransform {
  static constexpr int in = taps, out = patch;
  template <class L>
  GRAFT_INLINE static void apply(const L* x, L* y) {
    const L even = (1.0 / 6) * (x[0] + x[2]), odd = (1.0 / 6) * x[1];
    const L outer = (1.0 / 24) * x[0] + (1.0 / 6) * x[2], inner = (1.0 / 12) * x[1];
    y[0] = 0.25 * x[0];
    y[1] = -even - odd;
    y[2] = odd - even;
    y[3] = outer + inner;
    y[4] = outer - inner;
    y[5] = x[2];
  }
};

/// y = A^T x: the 4 outputs of a tile.
struct TileTransform {
  static constexpr int in = patch, out = tile;
  template <class L>
  GRAFT_INLINE static void apply(const L* x, L* y) {
    const L sum1 = x[1] + x[2], difference1 = x[1] - x[2], sum2 = x[3] + x[4], difference2 = x[3] - x[4];
    y[0] = x[0] + sum1 + sum2;
    y[1] = difference1 + 2.0 * difference2;
    y[2] = sum1 + 4.0 * sum2;
    y[3] = difference1 + 8.0 * difference2 + x[5];
  }
};

/// y = A x: the gradient of 4 outputs.
struct TileGradientTransform {
  static constexpr int in = tile, out = patch;
  template <class L>
  GRAFT_INLINE static void apply(const L* x, L* y) {
    const L even = x[0] + x[2], odd = x[1] + x[3], even2 = x[0] + 4.0 * x[2], odd2 = 2.0 * x[1] + 8.0 * x[3];
    y[0] = x[0];
    y[1] = even + odd;
    y[2] = even - odd;
    y[3] = even2 + odd2;
    y[4] = even2 - odd2;
    y[5] = x[3];
  }
};

/// y = G^T x: the gradient of 3 taps.
struct KernelGradientTransform {
  static constexpr int in = patch, out = taps;
  template <class L>
  GRAFT_INLINE static void apply(const L* x, L* y) {
    const L sum1 = x[1] + x[2], sum2 = x[3] + x[4];
    y[0] = 0.25 * x[0] - (1.0 / 6) * sum1 + (1.0 / 24) * sum2;
    y[1] = (1.0 / 6) * (x[2] - x[1]) + (1.0 / 12) * (x[3] - x[4]);
    y[2] = (1.0 / 6) * (sum2 - sum1) + x[5];
  }
};

/// y (out x out) = T x T^T for one of the transforms above: store(i, j, y_ij) from load(i, j) = x_ij.
template <class T, class L, class Load, class Store>
GRAFT_INLINE void transform(const Load& load, const Store& store) {
  typename L::Vector half[T::out * T::in];  // bare: clearing Lanes would take a tenth of the time
  for (int j = 0; j < T::in; ++j) {
    L column[T::in], result[T::out];
    unroll<T::in>([&](auto... i) GRAFT_INLINE_LAMBDA { ((column[i] = load(i, j)), ...); });
    T::apply(column, result);
    unroll<T::out>([&](auto... i) GRAFT_INLINE_LAMBDA { ((half[i * T::in + j] = result[i].vector()), ...); });
  }
  for (int i = 0; i < T::out; ++i) {
    L row[T::in], result[T::out];
    unroll<T::in>([&](auto... j) GRAFT_INLINE_LAMBDA { ((row[j] = L(half[i * T::in + j])), ...); });
    T::apply(row, result);
    unroll<T::out>([&](auto... j) GRAFT_INLINE_LAMBDA { (store(i, j, result[j]), ...); });
  }
}

}  // namespace graft::ops::winograd
