#pragma once
#include <graft/ops/isa.hpp>
#include <utility>

// The first lanes of a vector from and to memory, put together from halves in registers. A copy of n bytes would be a
// call and a wide load that waits for narrow stores: 24 channels took 2.6 times as long with vectors of 16.
namespace graft::ops::detail {

template <class S, int Width>
struct VectorOf {
  typedef S type __attribute__((vector_size(sizeof(S) * Width)));
};

template <class S, int Width, int... I>
GRAFT_INLINE void join(typename VectorOf<S, Width>::type& whole, const typename VectorOf<S, Width / 2>::type& low,
                       const typename VectorOf<S, Width / 2>::type& high, std::integer_sequence<int, I...>) {
  whole = __builtin_shufflevector(low, high, I...);
}
template <class S, int Width, int... I>
GRAFT_INLINE void half(typename VectorOf<S, Width / 2>::type& part, const typename VectorOf<S, Width>::type& whole,
                       int first, std::integer_sequence<int, I...>) {
  if (first == 0)
    part = __builtin_shufflevector(whole, whole, I...);
  else
    part = __builtin_shufflevector(whole, whole, (I + Width / 2)...);
}

/// Lanes 0 .. n - 1 from p, zero in the others. Requires 0 <= n < Width.
template <class S, int Width>
GRAFT_INLINE void load_partial(typename VectorOf<S, Width>::type& v, const S* p, Index n) {
  if constexpr (Width == 2) {
    v = typename VectorOf<S, 2>::type{n > 0 ? p[0] : S(0), S(0)};
  } else {
    using Half = typename VectorOf<S, Width / 2>::type;
    constexpr std::make_integer_sequence<int, Width> all{};
    const bool low_is_whole = n >= Width / 2;
    Half low{}, rest;
    load_partial<S, Width / 2>(rest, low_is_whole ? p + Width / 2 : p, low_is_whole ? n - Width / 2 : n);
    if (low_is_whole) {
      __builtin_memcpy(&low, p, sizeof low);
      join<S, Width>(v, low, rest, all);
    } else {
      join<S, Width>(v, rest, low, all);
    }
  }
}

/// Lanes 0 .. n - 1 to p. Requires 0 <= n < Width.
template <class S, int Width>
GRAFT_INLINE void store_partial(S* p, const typename VectorOf<S, Width>::type& v, Index n) {
  if constexpr (Width == 2) {
    if (n > 0) p[0] = v[0];
  } else {
    constexpr std::make_integer_sequence<int, Width / 2> all{};
    typename VectorOf<S, Width / 2>::type part;
    half<S, Width>(part, v, 0, all);
    if (n >= Width / 2) {
      __builtin_memcpy(p, &part, sizeof part);
      half<S, Width>(part, v, Width / 2, all);
      p += Width / 2;
      n -= Width / 2;
    }
    store_partial<S, Width / 2>(p, part, n);
  }
}

}  // namespace graft::ops::detail
