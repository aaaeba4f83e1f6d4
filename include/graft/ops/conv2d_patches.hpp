#pragma once
#include <array>
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

  /// As MatrixRows::write(), for at most max_tile_rows rows.
  void write(Index first, Index count, Index begin, Index end, S* tile, Index block_stride) const {
    if (begin == end) return;
    std::array<const S*, max_tile_rows> inside;
    Index x = first % width.outputs, y = first / width.outputs % height.outputs;
    Index sample = first / width.outputs / height.outputs;
    for (Index i = 0; i < count; ++i) {
      inside[to_size(i)] = inside_patch(sample, y, x);
      if (inside[to_size(i)] == nullptr)
        write_at_border(sample, y, x, begin, end, tile + i * tile_block<S>, block_stride);
      if (++x < width.outputs) continue;
      x = 0;
      if (++y < height.outputs) continue;
      y = 0;
      ++sample;
    }
    write_inside(inside.data(), count, begin, end, tile, block_stride);
  }

 private:
  Index line_columns() const { return width.window.kernel * channels; }
  const S* pixel(Index sample, Index y, Index x) const {
    return data + ((sample * height.inputs + y) * width.inputs + x) * pixel_stride;
  }
  /// Columns that follow one another in memory, from `column` on: a line of taps, or the channels of one tap.
  Index run_end(Index column) const {
    const Index run = width.window.dilation == 1 && pixel_stride == channels ? line_columns() : channels;
    return (column / run + 1) * run;
  }

  /// The patch's first pixel, null if a tap lies in the padding.
  const S* inside_patch(Index sample, Index y, Index x) const {
    const Index first_y = height.first(y), first_x = width.first(x);
    const bool inside = first_y >= 0 && first_x >= 0 && first_y + height.window.extent() <= height.inputs &&
                        first_x + width.window.extent() <= width.inputs;
    return inside ? pixel(sample, first_y, first_x) : nullptr;
  }

  /// The rows of a tile that have no padding, a piece of a block at a time, which has the same length in every row.
  void write_inside(const S* const* patches, Index count, Index begin, Index end, S* tile, Index block_stride) const {
    constexpr Index block = tile_block<S>;
    for (Index column = begin; column < end;) {
      const Index at = column - begin, lane = at % block;
      const Index n = std::min({end - column, run_end(column) - column, block - lane});
      const Index y = column / line_columns(), x = column % line_columns() / channels;
      const Index offset =
          (y * height.window.dilation * width.inputs + x * width.window.dilation) * pixel_stride + column % channels;
      run_compiled<S, ColumnCopyKernel>(
          ColumnCopy<S>{patches, count, offset, n, tile + at / block * block_stride + lane});
      column += n;
    }
  }

  /// One row that has padding.
  void write_at_border(Index sample, Index y, Index x, Index begin, Index end, S* row, Index block_stride) const {
    const Index first_y = height.first(y), first_x = width.first(x);
    const Taps ys = height.window.taps(first_y, height.inputs), xs = width.window.taps(first_x, width.inputs);
    for (Index column = begin; column < end;) {
      const Index n = std::min(end, (column / channels + 1) * channels) - column;
      const Index tap_y = column / line_columns(), tap_x = column % line_columns() / channels;
      if (ys.contains(tap_y) && xs.contains(tap_x))
        write_tile_row(
            row, block_stride, column - begin,
            pixel(sample, first_y + tap_y * height.window.dilation, first_x + tap_x * width.window.dilation) +
                column % channels,
            n);
      else
        zero_tile_row(row, block_stride, column - begin, n);
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
