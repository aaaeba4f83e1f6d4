#pragma once
#include <graft/ops/window.hpp>
#include <optional>

namespace graft::ops {

/// A window walked the other way, for a transposed convolution: of the lengths that the window makes n outputs of, the
/// one that Keras chooses. Requires fits().
struct TransposedWindow2D {
  Window2D window;
  std::optional<Size2D> output_padding = {};  ///< elements at the end, 0 .. stride - 1

  /// False if the window would make less than n outputs of it.
  bool fits() const {
    return !output_padding ||
           (fits(window.height, output_padding->height) && fits(window.width, output_padding->width));
  }
  /// (batch, height, width, ..) -> (batch, output height, output width, channels). Requires at least one pixel.
  Shape output_shape(const Shape& input, Index channels) const {
    const auto length = [&](const WindowAxis& axis, Index n, Index padding) {
      return output_padding ? padded_length(axis, n, padding) : own_length(axis, n);
    };
    const Size2D padding = output_padding.value_or(Size2D(0));
    return {input[0], length(window.height, input[1], padding.height), length(window.width, input[2], padding.width),
            channels};
  }

 private:
  static bool fits(const WindowAxis& axis, Index padding) {
    return axis.padding == Padding::valid || axis.extent() % 2 + padding > 0;
  }
  /// valid: (n - 1) stride + max(extent, stride); same: n stride. Source: _get_output_shape_given_tf_padding in
  /// keras/src/backend/common/backend_utils.py.
  static Index own_length(const WindowAxis& axis, Index n) {
    if (n == None) return None;
    return (n - 1) * axis.stride +
           (axis.padding == Padding::valid ? std::max(axis.extent(), axis.stride) : axis.stride);
  }
  /// valid: (n - 1) stride + extent + padding; same: (n - 1) stride + extent mod 2 + padding.
  static Index padded_length(const WindowAxis& axis, Index n, Index padding) {
    if (n == None) return None;
    return (n - 1) * axis.stride + (axis.padding == Padding::valid ? axis.extent() : axis.extent() % 2) + padding;
  }
};

}  // namespace graft::ops
