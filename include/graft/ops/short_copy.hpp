#pragma once
#include <graft/ops/isa.hpp>

namespace graft::ops {

/// Copies n elements as two pieces of Size, which overlap unless n = 2 Size: no loop, no call. Size <= n <= 2 Size.
template <int Size, class S>
GRAFT_INLINE void copy_twice(const S* from, Index n, S* to) {
  __builtin_memcpy(to, from, Size * sizeof(S));
  __builtin_memcpy(to + n - Size, from + n - Size, Size * sizeof(S));
}
/// Copies n elements, 1 <= n <= 2 Half.
template <int Half, class S>
GRAFT_INLINE void copy_up_to_twice(const S* from, Index n, S* to) {
  if constexpr (Half > 1)
    if (n < Half) return copy_up_to_twice<Half / 2>(from, n, to);
  copy_twice<Half>(from, n, to);
}

}  // namespace graft::ops
