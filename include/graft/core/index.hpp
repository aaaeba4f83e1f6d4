#pragma once
#include <cstddef>

namespace graft {

/// Every count, axis and offset is signed, as in Eigen.
using Index = std::ptrdiff_t;

/// An axis whose length is not known before data arrives; printed as Keras prints it.
inline constexpr Index None = -1;

/// A signed count as the unsigned one that the standard containers want. Requires i >= 0.
constexpr std::size_t to_size(Index i) { return static_cast<std::size_t>(i); }

}  // namespace graft
