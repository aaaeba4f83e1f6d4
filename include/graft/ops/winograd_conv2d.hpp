#pragma once
#include <graft/core/view.hpp>
#include <graft/ops/conv2d_geometry.hpp>
#include <graft/ops/winograd_kernel_gradient.hpp>

namespace graft::ops {

/// A convolution as Conv2D defines it, 3 x 3 with stride 1, by Winograd's minimal filtering (winograd_transform.hpp).
template <class S>
class WinogradConv2D {
 public:
  /// Requires suits(geometry).
  explicit WinogradConv2D(const Conv2DGeometry& geometry)
      : geometry_(geometry),
        forward_(geometry.channels, geometry.filters),
        backward_(geometry.filters, geometry.channels),
        kernel_gradient_(geometry.channels, geometry.filters) {}

  /// True if it is possible and faster than one product: with fewer channels or filters the transforms outweigh it.
  static bool suits(const Conv2DGeometry& g) {
    constexpr Index least = 16;
    const auto fits = [](const WindowAxis& axis) {
      return axis.kernel == winograd::taps && axis.stride == 1 && axis.dilation == 1;
    };
    return fits(g.window.height) && fits(g.window.width) && g.groups == 1 && g.channels >= least && g.filters >= least;
  }

  static constexpr bool takes_max_pool() { return true; }

  Index packed_size() const { return forward_.packed_size(); }
  void pack(const S* kernel, S* packed) const {
    forward_.pack(taps([&](Index t) { return StridedMatrix<S>{tap(kernel, t), geometry_.filters, 1}; }), packed);
  }
  Index packed_gradient_size() const { return backward_.packed_size(); }
  /// The gradient with respect to x is the convolution of dy with the kernel turned by half a turn.
  void pack_gradient(const S* kernel, S* packed) const {
    backward_.pack(taps([&](Index t) { return StridedMatrix<S>{tap(kernel, 8 - t), 1, geometry_.filters}; }), packed);
  }

  Index forward_work_size(const Shape& input) const { return forward_.work_size(count(geometry_.output_shape(input))); }
  Index backward_input_work_size(const Shape& input) const { return backward_.work_size(count(input)); }
  Index backward_kernel_work_size(const Shape& input) const {
    return kernel_gradient_.work_size(count(geometry_.output_shape(input)));
  }

  void forward(View<const S> x, const S* packed, View<S> y, const Epilogue<S>& epilogue, S* work) const {
    const auto [before_y, before_x] = before(x.shape);
    const Shape output = geometry_.output_shape(x.shape);
    winograd::Tiles<S> to = tiles(y, output);
    if (epilogue.max_pool) to.step /= 2;
    forward_.multiply(count(output), tiles(x, output, -before_y, -before_x), to, packed, epilogue, work);
  }
  void backward_input(View<const S> dy, const S* packed_gradient, View<S> dx, S* work,
                      const Epilogue<S>& epilogue = {}) const {
    const auto [before_y, before_x] = before(dx.shape);
    constexpr Index last = winograd::taps - 1;
    backward_.multiply(count(dx.shape), tiles(dy, dx.shape, before_y - last, before_x - last), tiles(dx, dx.shape),
                       packed_gradient, epilogue, work);
  }
  void backward_kernel(View<const S> x, View<const S> dy, S* dkernel, S* work) const {
    const auto [before_y, before_x] = before(x.shape);
    kernel_gradient_.add(count(dy.shape), tiles(x, dy.shape, -before_y, -before_x), tiles(dy, dy.shape), dkernel, work);
  }

 private:
  static Index across(Index pixels) { return ceil_div(pixels, winograd::tile); }
  static Index count(const Shape& output) { return output[0] * across(output[1]) * across(output[2]); }
  /// The tiles that cover images of shape `output`, as what they look at in `images`.
  template <class T>
  static winograd::Tiles<T> tiles(View<T> images, const Shape& output, Index first_y = 0, Index first_x = 0) {
    return {.images = images.data,
            .height = images.shape[1],
            .width = images.shape[2],
            .channels = images.shape[3],
            .rows = across(output[1]),
            .columns = across(output[2]),
            .first_y = first_y,
            .first_x = first_x};
  }
  std::pair<Index, Index> before(const Shape& input) const {
    return {geometry_.window.height.before(input[1]), geometry_.window.width.before(input[2])};
  }
  template <class F>
  static auto taps(F&& f) {
    std::array<StridedMatrix<S>, winograd::taps * winograd::taps> all;
    for (Index t = 0; t < 9; ++t) all[to_size(t)] = f(t);
    return all;
  }
  const S* tap(const S* kernel, Index t) const { return kernel + t * geometry_.channels * geometry_.filters; }

  Conv2DGeometry geometry_;
  winograd::Product<S> forward_, backward_;
  winograd::KernelGradient<S> kernel_gradient_;
};

}  // namespace graft::ops
