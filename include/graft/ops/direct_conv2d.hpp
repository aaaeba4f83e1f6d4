#pragma once
#include <graft/ops/patch_conv2d.hpp>

namespace graft::ops {

/// A convolution of images of 3 channels, a network's first one. Copying patches costs much where so little is
/// computed of each, so the forward pass reads them where they are, in a strip of lines with the padding's zeros around
/// them: 17.3 instead of 23.1 ms for VGG16's first convolution of 8 images (2 threads, AVX2, where memory takes most of
/// it), 1.5 instead of 5.1 ms for 64 images of 32 x 32 and 32 filters. The sums are PatchConv2D's, and so are the bits.
template <class S>
class DirectConv2D : public PatchConv2D<S> {
 public:
  using PatchConv2D<S>::PatchConv2D;

  static bool suits(const Conv2DGeometry& g) {
    const auto& [height, width] = g.window;
    return g.channels == channels && g.groups == 1 && g.filters % whole_panels == 0 && width.stride <= 2 &&
           height.dilation == 1 && width.dilation == 1 && g.window.taps() * channels <= MatrixProduct<S>::max_chunk;
  }

  /// Elements of scratch memory with the present number of threads.
  Index forward_work_size(const Shape& input) const { return thread_pool().threads() * strip(input).size(); }
  /// Writes y.
  void forward(View<const S> x, const S* packed, View<S> y, const Epilogue<S>& epilogue, S* work) const;

 private:
  // Filters of whole panels in every instruction set.
  static constexpr Index channels = 3, whole_panels = 32;
  // Of outputs to an item: with kernels of 3 x 3, a fifth of the lines is copied twice, and they stay in the cache.
  static constexpr Index band = 8;

  /// The lines that a band of outputs looks at, and behind them what the kernels read for rows that they drop.
  struct Strip {
    Index lines = 0, pixels = 0;
    Index line() const { return pixels * channels; }
    Index size() const { return round_up(lines * line() + 2 * channels * Microkernels<S>::max_rows, tile_block<S>); }
  };
  Strip strip(const Shape& input) const {
    const auto& [height, width] = this->geometry().window;
    return {(band - 1) * height.stride + height.kernel, (width.output(input[2]) - 1) * width.stride + width.kernel};
  }
  void copy_lines(View<const S> x, Index sample, Index first_line, const Strip& strip, S* to) const;
  void multiply_line(const S* lines, Index line_stride, const S* packed, Index pixels, S* y,
                     const Epilogue<S>& epilogue) const;
};

template <class S>
void DirectConv2D<S>::forward(View<const S> x, const S* packed, View<S> y, const Epilogue<S>& epilogue, S* work) const {
  const Index rows = y.shape[1], line = y.shape[2] * y.shape[3], bands = ceil_div(rows, band);
  const WindowAxis& height = this->geometry().window.height;
  const Strip part = strip(x.shape);
  thread_pool().each(x.batch() * bands, [&](Index item, Index slot) {
    const Index sample = item / bands, first = item % bands * band, last = std::min(rows, first + band);
    S* const lines = work + slot * part.size();
    copy_lines(x, sample, height.first(first, x.shape[1]), part, lines);
    for (Index row = first; row < last; ++row)
      multiply_line(lines + (row - first) * height.stride * part.line(), part.line(), packed, y.shape[2],
                    y.sample(sample) + row * line, epilogue);
  });
}

/// Lines from `first_line` on; what lies outside the image is zero.
template <class S>
void DirectConv2D<S>::copy_lines(View<const S> x, Index sample, Index first_line, const Strip& strip, S* to) const {
  const Index height = x.shape[1], width = x.shape[2], before = this->geometry().window.width.before(width);
  const Index n = std::min(width, strip.pixels - before) * channels;
  for (Index i = first_line; i < first_line + strip.lines; ++i, to += strip.line()) {
    const bool inside = i >= 0 && i < height;
    S* const image = std::fill_n(to, inside ? before * channels : strip.line(), S(0));
    if (!inside) continue;
    std::copy_n(x.sample(sample) + i * width * channels, n, image);
    std::fill(image + n, to + strip.line(), S(0));
  }
}

/// One line of outputs, a group of pixels after the other, each of which is written to its end.
template <class S>
void DirectConv2D<S>::multiply_line(const S* lines, Index line_stride, const S* packed, Index pixels, S* y,
                                    const Epilogue<S>& epilogue) const {
  const Microkernels<S>& kernels = microkernels<S>();
  const Conv2DGeometry& geometry = this->geometry();
  const Index stride = geometry.window.width.stride, filters = geometry.filters;
  std::array<Index, Microkernels<S>::max_rows> offsets;
  for (Index i = 0; i < kernels.rows; ++i) offsets[to_size(i)] = i * filters;
  ProductCall<S> call;
  call.steps = geometry.window.taps() * channels;
  call.a_block = geometry.window.width.kernel * channels;
  call.a_block_stride = line_stride;
  call.offset = offsets.data();
  call.relu = epilogue.is_plain_relu();
  call.columns = kernels.panel_columns();
  for (Index pixel = 0; pixel < pixels; pixel += kernels.rows) {
    call.a = lines + pixel * stride * channels;
    call.rows = std::min(kernels.rows, pixels - pixel);
    for (Index filter = 0; filter < filters; filter += call.columns) {
      call.b = call.next = packed + filter * call.steps;  // one chunk: whole panels, one behind the other
      call.c = y + pixel * filters + filter;
      if (epilogue.bias != nullptr) call.bias = epilogue.bias + filter;
      kernels.images[to_size(stride - 1)](call);
    }
  }
  if (!epilogue.in_registers()) apply_activation(epilogue.activation, y, pixels * filters);
}

}  // namespace graft::ops
