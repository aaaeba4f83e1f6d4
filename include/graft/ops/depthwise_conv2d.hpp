#pragma once
#include <graft/core/view.hpp>
#include <graft/ops/lanes.hpp>
#include <graft/ops/matrix_product.hpp>
#include <graft/ops/parallel.hpp>
#include <graft/ops/window.hpp>

namespace graft::ops {

namespace detail {

/// The convolution of images of one size. Output channel o reads input channel o / multiplier.
struct DepthwiseSizes {
  Window2D window;
  Index height = 0, width = 0, channels = 0, multiplier = 1;

  Index filters() const { return channels * multiplier; }
  Index columns() const { return window.width.output(width); }
};

/// The input channels that output channels o .. o + n - 1 read.
template <class L, class Count>
GRAFT_INLINE L load_inputs(const typename L::Scalar* pixel, Index o, Count n, Index multiplier) {
  if (multiplier == 1) return L::load(pixel + o, n);
  typename L::Scalar values[L::count] = {};
  for (Index i = 0; i < n; ++i) values[i] = pixel[(o + i) / multiplier];
  return L::load(values);
}

/// One row of outputs of one sample, before bias and activation. Kernel is the width of the window where it is a
/// constant, else 0; then Stride is one too.
template <int Kernel, int Stride>
struct DepthwiseRow {
  static constexpr int group = 4;  // outputs that share the loads of kernel and image

  template <class Simd, class S>
  GRAFT_INLINE static void run(const DepthwiseSizes* sizes, Index row, const S* x, const S* kernel, const S* bias,
                               S* y) {
    const WindowAxis &vertical = sizes->window.height, &horizontal = sizes->window.width;
    const Index top = vertical.first(row, sizes->height), columns = sizes->columns(), filters = sizes->filters();
    const Taps rows = vertical.taps(top, sizes->height);
    for (Index column = 0; column < columns;) {
      const Index left = horizontal.first(column, sizes->width);
      if constexpr (Kernel > 0)
        if (left >= 0 && column + group <= columns && left + (group - 1) * Stride + Kernel <= sizes->width) {
          several<Lanes<Simd>>(*sizes, top, rows, left, x, kernel, bias, y + column * filters);
          column += group;
          continue;
        }
      one<Lanes<Simd>>(*sizes, top, rows, left, x, kernel, bias, y + column * filters);
      ++column;
    }
  }

 private:
  template <class L, class S>
  GRAFT_INLINE static void one(const DepthwiseSizes& s, Index top, Taps rows, Index left, const S* x, const S* kernel,
                               const S* bias, S* y) {
    const Taps taps = s.window.width.taps(left, s.width);
    const Index down = s.window.height.dilation, right = s.window.width.dilation, filters = s.filters();
    each_block<L>(filters, [&](Index o, auto count) GRAFT_INLINE_LAMBDA {
      L sum = bias ? L::load(bias + o, count) : L();
      for (Index r = rows.begin; r < rows.end; ++r)
        for (Index c = taps.begin; c < taps.end; ++c) {
          const S* pixel = x + ((top + r * down) * s.width + left + c * right) * s.channels;
          sum += load_inputs<L>(pixel, o, count, s.multiplier) *
                 L::load(kernel + (r * s.window.width.kernel + c) * filters + o, count);
        }
      sum.store(y + o, count);
    });
  }
  /// `group` outputs whose windows lie inside the image. The sums are in one()'s order.
  template <class L, class S>
  GRAFT_INLINE static void several(const DepthwiseSizes& s, Index top, Taps rows, Index left, const S* x,
                                   const S* kernel, const S* bias, S* y) {
    const Index channels = s.channels;
    each_block<L>(channels, [&](Index o, auto count) GRAFT_INLINE_LAMBDA {
      const L start = bias ? L::load(bias + o, count) : L();
      L sum[group] = {start, start, start, start};
      for (Index r = rows.begin; r < rows.end; ++r) {
        const S* from = x + ((top + r) * s.width + left) * channels + o;
        L taps[Kernel];
        unroll<Kernel>([&](auto... c) GRAFT_INLINE_LAMBDA {
          ((taps[c] = L::load(kernel + (r * Kernel + c) * channels + o, count)), ...);
        });
        const auto add = [&](auto column) GRAFT_INLINE_LAMBDA {
          const L v = L::load(from + column * channels, count);
          const auto add_to = [&](auto i) GRAFT_INLINE_LAMBDA {
            constexpr int c = decltype(column)::value - decltype(i)::value * Stride;
            if constexpr (c >= 0 && c < Kernel) sum[i] += v * taps[c];
          };
          unroll<group>([&](auto... i) GRAFT_INLINE_LAMBDA { (add_to(i), ...); });
        };
        unroll<(group - 1) * Stride + Kernel>([&](auto... column) GRAFT_INLINE_LAMBDA { (add(column), ...); });
      }
      unroll<group>([&](auto... i) GRAFT_INLINE_LAMBDA { (sum[i].store(y + i * channels + o, count), ...); });
    });
  }
};

/// The outputs whose windows hold input position `at` of an axis: output (at + before - k dilation) / stride for every
/// tap k that makes it a whole number in range. f(output, k).
template <class F>
GRAFT_INLINE void each_reader(const WindowAxis& axis, Index n, Index at, const F& f) {
  const Index before = axis.before(n), outputs = axis.output(n);
  for (Index k = 0; k < axis.kernel; ++k) {
    const Index from = at + before - k * axis.dilation;
    if (from >= 0 && from % axis.stride == 0 && from / axis.stride < outputs) f(from / axis.stride, k);
  }
}

/// One row of the gradient with respect to the input.
struct DepthwiseInputGradient {
  template <class Simd, class S>
  GRAFT_INLINE static void run(const DepthwiseSizes* sizes, Index row, const S* dy, const S* kernel, S* dx) {
    using L = Lanes<Simd>;
    const Window2D& window = sizes->window;
    const Index height = sizes->height, width = sizes->width, channels = sizes->channels;
    const Index columns = sizes->columns(), filters = sizes->filters(), multiplier = sizes->multiplier;
    for (Index column = 0; column < width; ++column, dx += channels) {
      std::fill_n(dx, channels, S(0));
      each_reader(window.height, height, row, [&](Index out_row, Index r) GRAFT_INLINE_LAMBDA {
        each_reader(window.width, width, column, [&](Index out_column, Index c) GRAFT_INLINE_LAMBDA {
          const S* d = dy + (out_row * columns + out_column) * filters;
          const S* k = kernel + (r * window.width.kernel + c) * filters;
          if (multiplier == 1)
            each_block<L>(channels, [&](Index o, auto count) GRAFT_INLINE_LAMBDA {
              (L::load(dx + o, count) + L::load(d + o, count) * L::load(k + o, count)).store(dx + o, count);
            });
          else
            for (Index o = 0; o < filters; ++o) dx[o / multiplier] += d[o] * k[o];
        });
      });
    }
  }
};

/// Adds to the gradient of one tap of the kernel, filters begin .. end - 1: the sum of a row, then of the rows in
/// order.
struct DepthwiseKernelGradient {
  template <class Simd, class S>
  GRAFT_INLINE static void run(const DepthwiseSizes* sizes, Index samples, Index tap, Index begin, Index end,
                               const S* x, const S* dy, S* dkernel) {
    using L = Lanes<Simd>;
    const Window2D& window = sizes->window;
    const Index height = sizes->height, width = sizes->width, channels = sizes->channels;
    const Index rows = window.height.output(height), columns = sizes->columns(), filters = sizes->filters();
    const Index r = tap / window.width.kernel, c = tap % window.width.kernel;
    each_block<L>(end - begin, [&](Index at, auto count) GRAFT_INLINE_LAMBDA {
      const Index o = begin + at;
      L total;
      for (Index i = 0; i < samples * rows; ++i) {
        const Index y = window.height.first(i % rows, height) + r * window.height.dilation;
        if (y < 0 || y >= height) continue;
        const S* from = x + (i / rows * height + y) * width * channels;
        L sum;
        for (Index column = 0; column < columns; ++column) {
          const Index z = window.width.first(column, width) + c * window.width.dilation;
          if (z >= 0 && z < width)
            sum += load_inputs<L>(from + z * channels, o, count, sizes->multiplier) *
                   L::load(dy + (i * columns + column) * filters + o, count);
        }
        total += sum;
      }
      S* to = dkernel + tap * filters + o;
      (L::load(to, count) + total).store(to, count);
    });
  }
};

}  // namespace detail

/// Convolution of every channel by itself: output channel c m + j is channel c under kernel (.., c, j), m kernels a
/// channel. x (batch, height, width, channels), kernel (kernel height, kernel width, channels, m), y (batch, new
/// height, new width, channels m). Computed directly, no patches: reading x and writing y is what takes time. An
/// element's bits depend on its sample alone, and those of the kernel's gradient not on the number of threads.
template <class S>
class DepthwiseConv2D {
 public:
  DepthwiseConv2D(const Window2D& window, Index channels, Index multiplier)
      : window_(window), channels_(channels), multiplier_(multiplier) {}

  const Window2D& window() const { return window_; }
  Shape output_shape(const Shape& x) const { return window_.output_shape(x, channels_ * multiplier_); }

  /// y = activation(x * kernel + bias)
  void forward(View<const S> x, const S* kernel, View<S> y, const Epilogue<S>& epilogue) const {
    const auto sizes = this->sizes(x.shape);
    const Index rows = y.shape[1], row_size = y.shape[2] * y.shape[3];
    with_row_kernel([&](auto kernel_width, auto stride) {
      with_isa<S>([&](auto simd) {
        using Row =
            Compiled<decltype(simd), detail::DepthwiseRow<decltype(kernel_width)::value, decltype(stride)::value>>;
        each_range(x.shape[0] * rows, row_size * window_.taps(), [&](Index begin, Index end) {
          for (Index i = begin; i < end; ++i) {
            S* to = y.data + i * row_size;
            Row::run(&sizes, i % rows, x.sample(i / rows), kernel, epilogue.bias, to);
            apply_activation(epilogue.activation, to, row_size);
          }
        });
      });
    });
  }
  /// Writes dx.
  void backward_input(View<const S> dy, const S* kernel, View<S> dx) const {
    const auto sizes = this->sizes(dx.shape);
    const Index rows = dx.shape[1], row_size = dx.shape[2] * dx.shape[3];
    with_isa<S>([&](auto simd) {
      each_range(dx.shape[0] * rows, row_size * window_.taps() * multiplier_, [&](Index begin, Index end) {
        for (Index i = begin; i < end; ++i)
          Compiled<decltype(simd), detail::DepthwiseInputGradient>::run(&sizes, i % rows, dy.sample(i / rows), kernel,
                                                                        dx.data + i * row_size);
      });
    });
  }
  /// Adds to dkernel.
  void backward_kernel(View<const S> x, View<const S> dy, S* dkernel) const {
    constexpr Index part = 64;  // filters that one item sums: a multiple of every vector
    const auto sizes = this->sizes(x.shape);
    const Index parts = (sizes.filters() + part - 1) / part;
    with_isa<S>([&](auto simd) {
      each_range(window_.taps() * parts, dy.size() / parts, [&](Index begin, Index end) {
        for (Index i = begin; i < end; ++i) {
          const Index first = i % parts * part, last = std::min(first + part, sizes.filters());
          Compiled<decltype(simd), detail::DepthwiseKernelGradient>::run(&sizes, x.shape[0], i / parts, first, last,
                                                                         x.data, dy.data, dkernel);
        }
      });
    });
  }

 private:
  template <int N>
  using Constant = std::integral_constant<int, N>;

  detail::DepthwiseSizes sizes(const Shape& x) const { return {window_, x[1], x[2], channels_, multiplier_}; }
  /// f(kernel width, stride) as constants where there is a kernel for them, else f(0, 0).
  template <class F>
  void with_row_kernel(const F& f) const {
    const auto& [kernel, stride, dilation, padding] = window_.width;
    const bool plain = multiplier_ == 1 && dilation == 1 && window_.height.dilation == 1;
    if (plain && kernel == 3 && stride == 1) return f(Constant<3>{}, Constant<1>{});
    if (plain && kernel == 3 && stride == 2) return f(Constant<3>{}, Constant<2>{});
    if (plain && kernel == 5 && stride == 1) return f(Constant<5>{}, Constant<1>{});
    if (plain && kernel == 5 && stride == 2) return f(Constant<5>{}, Constant<2>{});
    f(Constant<0>{}, Constant<0>{});
  }

  Window2D window_;
  Index channels_, multiplier_;
};

}  // namespace graft::ops
