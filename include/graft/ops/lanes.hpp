#pragma once
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <graft/core/index.hpp>
#include <graft/ops/isa.hpp>
#include <graft/ops/partial_vector.hpp>
#include <type_traits>

/// Element loops on whole vectors. Every lane is computed by the same operations wherever it stands, and a tail is
/// padded to a whole vector, so a value's bits do not depend on its position in an array: std::exp for the tail and
/// another exp for the body would make a sample's bits depend on the batch that it is in.
namespace graft::ops {

/// As many numbers as a register of Simd holds; a number stands for all lanes. The copy constructor is written out so
/// that compilers pass it by address where they check calls: everything here is inlined, and a bare vector of 64 bytes
/// as a result would be warned about.
template <class Simd>
class Lanes {
 public:
  using Scalar = typename Simd::Scalar;
  using Vector = typename Simd::Vector;
  static constexpr int count = Simd::width;

  GRAFT_INLINE Lanes() : v_{} {}
  GRAFT_INLINE Lanes(double s) : v_(Vector{} + static_cast<Scalar>(s)) {}
  GRAFT_INLINE Lanes(const Lanes& other) : v_(other.v_) {}
  GRAFT_INLINE Lanes& operator=(const Lanes& other) {
    v_ = other.v_;
    return *this;
  }
  GRAFT_INLINE explicit Lanes(const Vector& v) : v_(v) {}
  GRAFT_INLINE static Lanes load(const Scalar* p) {
    Lanes x;
    std::memcpy(&x.v_, p, sizeof x.v_);
    return x;
  }
  /// The first n lanes from p, zero in the others. Requires 0 <= n <= count.
  GRAFT_INLINE static Lanes load(const Scalar* p, Index n) {
    if (n == count) return load(p);
    Lanes x;
    detail::load_partial<Scalar, count>(x.v_, p, n);
    return x;
  }
  GRAFT_INLINE void store(Scalar* p) const { std::memcpy(p, &v_, sizeof v_); }
  GRAFT_INLINE void store(Scalar* p, Index n) const {
    if (n == count)
      store(p);
    else
      detail::store_partial<Scalar, count>(p, v_, n);
  }

  /// The first n lanes from and to other numbers, such as bytes: exact where both types hold the value.
  template <class I>
  GRAFT_INLINE static Lanes load_as(const I* p, Index n) {
    typedef I Packed __attribute__((vector_size(sizeof(I) * Simd::width)));
    Packed packed{};
    std::memcpy(&packed, p, to_size(n) * sizeof(I));
    Lanes x;
    x.v_ = __builtin_convertvector(packed, Vector);
    return x;
  }
  template <class I>
  GRAFT_INLINE void store_as(I* p, Index n) const {
    typedef I Packed __attribute__((vector_size(sizeof(I) * Simd::width)));
    const Packed packed = __builtin_convertvector(v_, Packed);
    std::memcpy(p, &packed, to_size(n) * sizeof(I));
  }

  GRAFT_INLINE const Vector& vector() const { return v_; }
  GRAFT_INLINE Scalar operator[](Index i) const { return v_[i]; }

  GRAFT_INLINE friend Lanes operator+(const Lanes& a, const Lanes& b) { return Lanes(Vector(a.v_ + b.v_)); }
  GRAFT_INLINE friend Lanes operator-(const Lanes& a, const Lanes& b) { return Lanes(Vector(a.v_ - b.v_)); }
  GRAFT_INLINE friend Lanes operator*(const Lanes& a, const Lanes& b) { return Lanes(Vector(a.v_ * b.v_)); }
  GRAFT_INLINE friend Lanes operator/(const Lanes& a, const Lanes& b) { return Lanes(Vector(a.v_ / b.v_)); }
  GRAFT_INLINE Lanes operator-() const { return Lanes(Vector(-v_)); }
  GRAFT_INLINE Lanes& operator+=(const Lanes& b) { return *this = *this + b; }

  /// a < b ? x : y in every lane. The comparison is no value of its own: g++ 12 takes masks apart element by element
  /// where the instruction set is that of a function, not of the file.
  GRAFT_INLINE friend Lanes if_less(const Lanes& a, const Lanes& b, const Lanes& x, const Lanes& y) {
    return Lanes(Vector(a.v_ < b.v_ ? x.v_ : y.v_));
  }
  GRAFT_INLINE friend Lanes if_less_equal(const Lanes& a, const Lanes& b, const Lanes& x, const Lanes& y) {
    return Lanes(Vector(a.v_ <= b.v_ ? x.v_ : y.v_));
  }
  GRAFT_INLINE friend Lanes if_equal(const Lanes& a, const Lanes& b, const Lanes& x, const Lanes& y) {
    return Lanes(Vector(a.v_ == b.v_ ? x.v_ : y.v_));
  }
  /// The larger and the smaller one; a if one of them is NaN.
  GRAFT_INLINE friend Lanes max(const Lanes& a, const Lanes& b) { return if_less(a, b, b, a); }
  GRAFT_INLINE friend Lanes min(const Lanes& a, const Lanes& b) { return if_less(b, a, b, a); }
  GRAFT_INLINE friend Lanes abs(const Lanes& a) { return if_less(a, Lanes(), -a, a); }
  /// f of every lane, one at a time.
  template <class F>
  GRAFT_INLINE friend Lanes each_lane(const Lanes& a, const F& f) {
    Lanes y;
    for (Index i = 0; i < count; ++i) y.v_[i] = f(a.v_[i]);
    return y;
  }

 private:
  Vector v_;
};

/// f(i, count) for blocks of elements i .. i + count - 1 that cover 0 .. n - 1; count is a constant but in the tail.
template <class L, class F>
GRAFT_INLINE void each_block(Index n, const F& f) {
  Index i = 0;
  for (; i + L::count <= n; i += L::count) f(i, std::integral_constant<Index, Index{L::count}>{});
  if (i < n) f(i, n - i);
}

namespace detail {

// One loop for whole vectors and the tail, so that f is compiled once.
struct MapKernel {
  template <class Simd, class S, class F>
  GRAFT_INLINE static void run(const S* x, S* y, Index n, const F* f) {
    using L = Lanes<Simd>;
    for (Index i = 0; i < n; i += L::count) {
      const Index count = std::min<Index>(n - i, L::count);
      (*f)(L::load(x + i, count)).store(y + i, count);
    }
  }
};
struct MapTwoKernel {
  template <class Simd, class S, class F>
  GRAFT_INLINE static void run(const S* x, const S* y, S* z, Index n, const F* f) {
    using L = Lanes<Simd>;
    for (Index i = 0; i < n; i += L::count) {
      const Index count = std::min<Index>(n - i, L::count);
      (*f)(L::load(x + i, count), L::load(y + i, count)).store(z + i, count);
    }
  }
};

}  // namespace detail

/// y[i] = f(x[i]) for i in [0, n), in the calling thread; y may be x. f takes and gives Lanes of any instruction set
/// and is marked GRAFT_INLINE_LAMBDA.
template <class S, class F>
void map_lanes(const S* x, S* y, Index n, const F& f) {
  with_isa<S>([&](auto simd) { Compiled<decltype(simd), detail::MapKernel>::run(x, y, n, &f); });
}
/// z[i] = f(x[i], y[i]); z may be x or y.
template <class S, class F>
void map_lanes(const S* x, const S* y, S* z, Index n, const F& f) {
  with_isa<S>([&](auto simd) { Compiled<decltype(simd), detail::MapTwoKernel>::run(x, y, z, n, &f); });
}

}  // namespace graft::ops
