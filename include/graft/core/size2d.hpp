#pragma once
#include <concepts>
#include <graft/core/index.hpp>

namespace graft {

/// Height and width of a kernel, a stride, an image: 3 means {3, 3}.
struct Size2D {
  Index height = 1, width = 1;

  Size2D() = default;
  template <std::integral I>
  Size2D(I both) : height(static_cast<Index>(both)), width(height) {}
  template <std::integral I, std::integral J>
  Size2D(I h, J w) : height(static_cast<Index>(h)), width(static_cast<Index>(w)) {}

  bool operator==(const Size2D&) const = default;
};

}  // namespace graft
