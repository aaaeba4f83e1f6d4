#pragma once
#include <algorithm>
#include <graft/layers/zero_padding2d.hpp>

// What networks of inverted residual blocks share: MobileNetV2 and EfficientNet.
namespace graft::applications::detail {

/// The multiple of 8 nearest to n, at least 8 and not below 0.9 n. Source: _make_divisible in
/// keras/src/applications/mobilenet_v2.py.
inline Index divisible_by_8(double n) {
  Index rounded = std::max<Index>(8, static_cast<Index>(n + 4) / 8 * 8);
  if (static_cast<double>(rounded) < 0.9 * n) rounded += 8;
  return rounded;
}

/// Rows and columns that a convolution of kernel x kernel with stride 2 lacks: one less on top and on the left of even
/// sizes, and where the size is not known. Source: correct_pad in keras/src/applications/imagenet_utils.py.
inline layers::Sides2D stride2_padding(const Shape& x, Index kernel) {
  const Index half = kernel / 2;
  const auto before = [&](Index n) { return half - (x[1] == None ? 1 : 1 - n % 2); };
  return layers::Sides2D({{before(x[1]), half}, {before(x[2]), half}});
}

}  // namespace graft::applications::detail
