#pragma once
#include <algorithm>
#include <cctype>
#include <graft/core/error.hpp>
#include <graft/core/shape.hpp>
#include <graft/core/size2d.hpp>
#include <string>
#include <string_view>

namespace graft::ops {

/// valid: only windows that lie inside the image. same: the image is padded so that output = ceil(input / stride).
/// causal: as same, but all padding comes first, so that output i sees no input after i * stride.
enum class Padding { valid, same, causal };

/// "valid", "same" or, where allowed, "causal", in any case. Throws ArgumentError for another name; `who` names the
/// layer.
inline Padding padding_from_name(std::string_view name, std::string_view who, bool allow_causal = false) {
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (lower == "valid") return Padding::valid;
  if (lower == "same") return Padding::same;
  if (lower == "causal" && allow_causal) return Padding::causal;
  raise<ArgumentError>(who, ": padding must be ",
                       allow_causal ? "\"valid\", \"same\" or \"causal\"" : "\"valid\" or \"same\"", ", got \"", name,
                       "\".");
}

/// Kernel positions begin .. end - 1 of one window; the others lie in the padding.
struct Taps {
  Index begin = 0, end = 0;
  Index count() const { return end - begin; }
  bool contains(Index k) const { return k >= begin && k < end; }
};

/// A window that moves along one axis of n elements. Output i looks at the inputs i * stride - before(n) + k *
/// dilation, k = 0 .. kernel - 1; those outside 0 .. n - 1 are padding. Requires kernel, stride, dilation >= 1.
struct WindowAxis {
  Index kernel = 1, stride = 1, dilation = 1;
  Padding padding = Padding::valid;

  /// Inputs from the first to the last tap, both counted.
  Index extent() const { return (kernel - 1) * dilation + 1; }
  /// valid: floor((n - extent) / stride) + 1, and 0 if the window does not fit (the layer refuses it then);
  /// same, causal: ceil(n / stride). None gives None. Source: keras/src/ops/operation_utils.py,
  /// compute_conv_output_shape.
  Index output(Index n) const {
    if (n == None) return None;
    if (padding != Padding::valid) return (n + stride - 1) / stride;
    return n < extent() ? 0 : (n - extent()) / stride + 1;
  }
  /// Padded elements before the first input: half of the total, rounded down, as TensorFlow does; causal: whatever the
  /// first window needs.
  Index before(Index n) const { return padding == Padding::causal ? extent() - 1 : total_padding(n) / 2; }
  /// Padded elements after the last input.
  Index after(Index n) const { return padding == Padding::causal ? 0 : total_padding(n) - before(n); }

  /// First input position of output i; negative in the padding.
  Index first(Index i, Index n) const { return i * stride - before(n); }
  /// The taps of a window starting at input position `first` that lie inside 0 .. n - 1; empty if none does.
  Taps taps(Index first, Index n) const {
    const Index begin = first >= 0 ? 0 : (dilation - 1 - first) / dilation;
    const Index end = first >= n ? 0 : std::min(kernel, (n - 1 - first) / dilation + 1);
    return {std::min(begin, end), end};
  }

 private:
  Index total_padding(Index n) const {
    if (padding == Padding::valid) return 0;
    return std::max<Index>((output(n) - 1) * stride + extent() - n, 0);
  }
};

/// A window that moves over the height and width of an image.
struct Window2D {
  WindowAxis height, width;

  Window2D() = default;
  Window2D(Size2D kernel, Size2D strides, Size2D dilation, Padding padding)
      : height{kernel.height, strides.height, dilation.height, padding},
        width{kernel.width, strides.width, dilation.width, padding} {}

  /// (batch, height, width, ..) -> (batch, output height, output width, channels)
  Shape output_shape(const Shape& input, Index channels) const {
    return {input[0], height.output(input[1]), width.output(input[2]), channels};
  }
  /// Elements of one kernel plane.
  Index taps() const { return height.kernel * width.kernel; }
};

}  // namespace graft::ops
