#pragma once
#include <graft/ops/tile.hpp>
#include <graft/ops/window.hpp>
#include <numeric>

namespace graft::ops {

/// One axis of the patches that a convolution looks at: tap t of output o reads input o * stride + offset + t *
/// dilation.
struct PatchAxis {
  WindowAxis window;
  Index offset = 0, inputs = 0, outputs = 0;

  /// What the forward pass reads of n inputs.
  static PatchAxis forward(const WindowAxis& window, Index n) {
    return {window, -window.before(n), n, window.output(n)};
  }
  Index first(Index output) const { return output * window.stride + offset; }
};

/// The matrix whose rows are the patches of a batch of images, one for each (sample, output y, output x), with columns
/// (tap y, tap x, channel): the left operand that makes a convolution a matrix product. It is never stored; write()
/// makes the part that is multiplied next. Taps in the padding are zero.
template <class S>
struct PatchRows {
  /// (batch, height.inputs, width.inputs, pixel_stride), of which `channels` from data on are looked at.
  const S* data = nullptr;
  PatchAxis height, width;
  Index channels = 0, pixel_stride = 0;

  Index columns() const { return height.window.kernel * line_columns(); }

  /// As MatrixRows::write().
  void write(Index first, Index count, Index begin, Index end, S* tile, Index block_stride) const {
    if (begin == end) return;
    Index x = first % width.outputs, y = first / width.outputs % height.outputs;
    Index sample = first / width.outputs / height.outputs;
    for (Index i = 0; i < count; ++i) {
      write_row(sample, y, x, begin, end, tile + i * tile_block<S>, block_stride);
      if (++x < width.outputs) continue;
      x = 0;
      if (++y < height.outputs) continue;
      y = 0;
      ++sample;
    }
  }

 private:
  Index line_columns() const { return width.window.kernel * channels; }

  void write_row(Index sample, Index y, Index x, Index begin, Index end, S* row, Index block_stride) const {
    const Index first_y = height.first(y), first_x = width.first(x), line = line_columns();
    const Taps ys = height.window.taps(first_y, height.inputs), xs = width.window.taps(first_x, width.inputs);
    const S* image = data + sample * height.inputs * width.inputs * pixel_stride;
    for (Index tap = begin / line; tap * line < end; ++tap) {
      const Index from = std::max(begin, tap * line), to = std::min(end, (tap + 1) * line);
      if (tap < ys.begin || tap >= ys.end) {
        zero_tile_row(row, block_stride, from - begin, to - from);
        continue;
      }
      const Index inside = std::clamp(tap * line + xs.begin * channels, from, to);
      const Index outside = std::clamp(tap * line + xs.end * channels, from, to);
      const S* pixels = image + (first_y + tap * height.window.dilation) * width.inputs * pixel_stride;
      zero_tile_row(row, block_stride, from - begin, inside - from);
      copy_taps(pixels, first_x, inside - tap * line, outside - tap * line, row, block_stride, inside - begin);
      zero_tile_row(row, block_stride, outside - begin, to - outside);
    }
  }

  /// Columns begin .. end - 1 of one line of taps, all of them inside the image, to the tile's columns from `column`
  /// on.
  void copy_taps(const S* pixels, Index first_x, Index begin, Index end, S* row, Index block_stride,
                 Index column) const {
    if (width.window.dilation == 1 && pixel_stride == channels) {
      write_tile_row(row, block_stride, column, pixels + (first_x * channels + begin), end - begin);
      return;
    }
    while (begin < end) {
      const Index tap = begin / channels, channel = begin % channels, n = std::min(channels - channel, end - begin);
      const Index x = first_x + tap * width.window.dilation;
      write_tile_row(row, block_stride, column, pixels + (x * pixel_stride + channel), n);
      begin += n;
      column += n;
    }
  }
};

/// The inputs of one axis that are congruent modulo the stride see the same taps of the kernel, so the gradient with
/// respect to each such phase is a convolution of dy with stride 1 over those taps, in reverse order. A sum in gathered
/// form: every input is written once, by one thread, in a fixed order.
struct PhaseAxis {
  /// Inputs start + i * stride, i = 0 .. patches.outputs - 1.
  Index start = 0, stride = 1;
  /// What is read of dy.
  PatchAxis patches;
  /// Tap t of the patches is tap last_tap - t * tap_step of the kernel.
  Index last_tap = 0, tap_step = 1;

  /// Phase p of `window` over n inputs: those at which (input + padding) mod stride = p. Requires 0 <= p < stride.
  static PhaseAxis of(const WindowAxis& window, Index p, Index n) {
    const Index s = window.stride, before = window.before(n), common = std::gcd(s, window.dilation);
    PhaseAxis phase;
    phase.stride = s;
    phase.start = ((p - before) % s + s) % s;
    phase.tap_step = s / common;
    Index tap = 0;  // the first one that hits the phase: tap * dilation mod stride = p
    while (tap < phase.tap_step && tap * window.dilation % s != p) ++tap;
    const Index taps = tap < phase.tap_step && tap < window.kernel ? (window.kernel - 1 - tap) / phase.tap_step + 1 : 0;
    phase.last_tap = tap + (taps - 1) * phase.tap_step;
    phase.patches.window = {taps, 1, window.dilation / common, Padding::valid};
    phase.patches.offset = (phase.start + before - phase.last_tap * window.dilation) / s;
    phase.patches.inputs = window.output(n);
    phase.patches.outputs = phase.start < n ? (n - 1 - phase.start) / s + 1 : 0;
    return phase;
  }
  Index kernel_tap(Index t) const { return last_tap - t * tap_step; }
};

}  // namespace graft::ops
