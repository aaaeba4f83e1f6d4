#pragma once
#include <algorithm>
#include <cstdlib>
#include <graft/core/error.hpp>
#include <graft/core/index.hpp>
#include <string_view>
#include <type_traits>
#include <utility>

// Inside a kernel body everything must be inlined: a call would leave the function that carries the instruction set.
#define GRAFT_INLINE [[gnu::always_inline]] inline
#define GRAFT_INLINE_LAMBDA __attribute__((always_inline))
// The innermost loop of a product is 133 bytes: where it begins anywhere, it takes a fourth line of the decoded
// instructions' cache, and on a shared Zen 3 core the product took 1.25 times as long. clang has no such attribute.
#if defined(__clang__)
#define GRAFT_ALIGN_LOOPS
#else
#define GRAFT_ALIGN_LOOPS [[gnu::optimize("align-loops=32")]]
#endif

/// Kernels are compiled for several instruction sets in one program, without any -march flag, and the best one that the
/// processor has is taken at run time. A kernel is a struct with a static template `run<Simd>(arguments)` marked
/// GRAFT_INLINE; Compiled<Simd, Kernel>::run is that body inside a function that may use Simd's instructions.
/// Bits are the same on every machine for one instruction set, not between instruction sets.
namespace graft::ops {

enum class Isa { baseline, avx2, avx512 };

/// "baseline", "avx2" or "avx512". Throws ArgumentError for another name.
inline Isa isa_from_name(std::string_view name) {
  if (name == "baseline") return Isa::baseline;
  if (name == "avx2") return Isa::avx2;
  if (name == "avx512") return Isa::avx512;
  raise<ArgumentError>("GRAFT_ISA must be baseline, avx2 or avx512, got \"", name, "\".");
}

/// The best instruction set of this processor.
inline Isa best_isa() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) return Isa::avx512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return Isa::avx2;
#endif
  return Isa::baseline;
}

/// The instruction set that all kernels use: the best one, or a lower one named by the environment variable GRAFT_ISA,
/// which is read once. Throws ArgumentError if it names none.
inline Isa isa() {
  static const Isa chosen = [] {
    const char* name = std::getenv("GRAFT_ISA");
    return name == nullptr ? best_isa() : std::min(best_isa(), isa_from_name(name));
  }();
  return chosen;
}

/// Vectors of Bytes bytes; a matrix microkernel keeps up to Rows x 2 of them in registers, a gradient one Lanes x 2.
template <class S, int Bytes, int Rows, int Lanes>
struct Simd {
  using Scalar = S;
  typedef S Vector __attribute__((vector_size(Bytes)));
  static constexpr int width = Bytes / static_cast<int>(sizeof(S)), rows = Rows, lanes = Lanes;

  GRAFT_INLINE static void load(Vector& v, const S* p) { __builtin_memcpy(&v, p, sizeof v); }
  GRAFT_INLINE static void store(S* p, const Vector& v) { __builtin_memcpy(p, &v, sizeof v); }
};
// 32 registers hold 28 sums; 16 hold 12.
template <class S>
struct Avx512 : Simd<S, 64, 14, 8> {};
template <class S>
struct Avx2 : Simd<S, 32, 6, 4> {};
template <class S>
struct Baseline : Simd<S, 16, 6, 4> {};

template <class Isa, class Kernel>
struct Compiled;
template <class S, class Kernel>
struct Compiled<Baseline<S>, Kernel> {
  template <class... Arguments>
  GRAFT_ALIGN_LOOPS static void run(Arguments... arguments) {
    Kernel::template run<Baseline<S>>(arguments...);
  }
};
#if defined(__x86_64__)
template <class S, class Kernel>
struct Compiled<Avx2<S>, Kernel> {
  template <class... Arguments>
  GRAFT_ALIGN_LOOPS [[gnu::target("avx2,fma")]] static void run(Arguments... arguments) {
    Kernel::template run<Avx2<S>>(arguments...);
  }
};
template <class S, class Kernel>
struct Compiled<Avx512<S>, Kernel> {
  template <class... Arguments>
  GRAFT_ALIGN_LOOPS [[gnu::target("avx512f")]] static void run(Arguments... arguments) {
    Kernel::template run<Avx512<S>>(arguments...);
  }
};
#endif

/// f(Avx512<S>{}), f(Avx2<S>{}) or f(Baseline<S>{}), whichever isa() is.
template <class S, class F>
decltype(auto) with_isa(F&& f) {
#if defined(__x86_64__)
  if (isa() == Isa::avx512) return f(Avx512<S>{});
  if (isa() == Isa::avx2) return f(Avx2<S>{});
#endif
  return f(Baseline<S>{});
}

/// Runs the kernel, compiled for the instruction set in use.
template <class S, class Kernel, class Call>
void run_compiled(const Call& call) {
  static void (*const run)(const Call&) =
      with_isa<S>([]<class Simd>(Simd) { return &Compiled<Simd, Kernel>::template run<const Call&>; });
  run(call);
}

/// f(0, 1, .. N - 1) with constants, to fold over, so that what they index can stay in registers:
/// unroll<4>([&](auto... i) GRAFT_INLINE_LAMBDA { ((y[i] += x[i]), ...); }). One function, where a call for each number
/// would make N: with those, the compiler took 2.9 instead of 1.9 s for a product.
template <int N, class F>
GRAFT_INLINE void unroll(F&& f) {
  [&]<int... I>(std::integer_sequence<int, I...>) GRAFT_INLINE_LAMBDA { f(std::integral_constant<int, I>{}...); }
  (std::make_integer_sequence<int, N>{});
}

}  // namespace graft::ops
