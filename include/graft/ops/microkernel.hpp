#pragma once
#include <algorithm>
#include <array>
#include <graft/ops/gradient_kernel.hpp>
#include <graft/ops/product_kernel.hpp>

namespace graft::ops {

/// The microkernels of the instruction set in use. There is one product kernel for every even number of rows: an odd
/// number computes one row too many.
template <class S>
struct Microkernels {
  using Product = void (*)(const ProductCall<S>&);
  using Gradient = void (*)(const GradientCall<S>&);
  static constexpr Index max_rows = 14;

  /// Elements of a vector, most rows of a product, lanes of a gradient.
  Index width = 0, rows = 0, lanes = 0;
  std::array<std::array<Product, max_rows / 2>, 2> products{};
  std::array<Gradient, 2> gradients{};
  /// Whole panels of `rows` pixels of images of 3 channels, with strides of 1 and 2.
  std::array<Product, 2> images{};

  Index panel_columns() const { return 2 * width; }
  void product(const ProductCall<S>& call) const {
    products[call.columns > width][to_size((call.rows + 1) / 2 - 1)](call);
  }
  /// One panel times `count` rows of a tile, in groups as equal as even numbers of rows can be: a last group of 2 rows
  /// would take a fourth of the time of 14. call.next is walked through meanwhile.
  void multiply(ProductCall<S> call, Index count) const {
    const Index groups = (count + rows - 1) / rows, pairs = (count + 1) / 2;
    call.next_stride = std::max<Index>(1, panel_columns() / groups);
    for (Index group = 0, row = 0; group < groups; ++group) {
      const Index end = 2 * (pairs * (group + 1) / groups);
      call.rows = std::min(end, count) - row;
      product(call);
      call.a += call.rows * tile_block<S>;
      call.offset += call.rows;
      call.next += call.steps * call.next_stride;
      row = end;
    }
  }
  void gradient(const GradientCall<S>& call) const { gradients[call.columns > width](call); }
};

namespace detail {

template <class Simd, int Vectors, class S, int... I>
void set_microkernels(Microkernels<S>& kernels, std::integer_sequence<int, I...>) {
  ((kernels.products[Vectors - 1][I] =
        &Compiled<Simd, ProductKernel<2 * I + 2, Vectors>>::template run<const ProductCall<S>&>),
   ...);
  kernels.gradients[Vectors - 1] = &Compiled<Simd, GradientKernel<Vectors>>::template run<const GradientCall<S>&>;
}

}  // namespace detail

template <class S>
const Microkernels<S>& microkernels() {
  static const Microkernels<S> kernels = with_isa<S>([]<class Simd>(Simd) {
    Microkernels<S> k{.width = Simd::width, .rows = Simd::rows, .lanes = Simd::lanes};
    const auto halves = std::make_integer_sequence<int, Simd::rows / 2>{};
    detail::set_microkernels<Simd, 1>(k, halves);
    detail::set_microkernels<Simd, 2>(k, halves);
    k.images = {&Compiled<Simd, ProductKernel<Simd::rows, 2, ImageLines<3>>>::template run<const ProductCall<S>&>,
                &Compiled<Simd, ProductKernel<Simd::rows, 2, ImageLines<6>>>::template run<const ProductCall<S>&>};
    return k;
  });
  return kernels;
}

}  // namespace graft::ops
