#pragma once
#include <graft/ops/short_copy.hpp>

/// The innermost loops of every matrix product. Left operands are "tiles": 64-byte blocks of one row each, stored
/// [column / block][row][block], so that a row's next column is the next element and the next row is one cache line on;
/// or lines of an image (ImageLines). Right operands are "panels": [step][1 or 2 vectors], contiguous.
namespace graft::ops {

/// Columns of a tile's block: one cache line.
template <class S>
inline constexpr Index tile_block = 64 / static_cast<Index>(sizeof(S));

/// One tile times one panel: c(row, column) = f(sum over steps of a(row, step) b(step, column)).
template <class S>
struct ProductCall {
  Index steps = 0;
  const S* a = nullptr;
  Index a_block_stride = 0;
  /// Of ImageLines: steps in a line.
  Index a_block = 0;
  const S* b = nullptr;
  /// Fetched into the second-level cache meanwhile, one line each step: 5 to 30 % where b comes from memory.
  const S* next = nullptr;
  Index next_stride = 0;
  S* c = nullptr;
  /// Row i stands at c + offset[i]; rows beyond `rows` are computed from what the tile holds there and dropped.
  const Index* offset = nullptr;
  Index rows = 0, columns = 0;
  /// f: add what c holds, add the bias, max(.., 0).
  bool accumulate = false;
  const S* bias = nullptr;
  bool relu = false;
};

/// The left operand is a tile.
struct TileBlocks {
  template <class S>
  static constexpr Index row_stride = tile_block<S>;
  static constexpr bool fetch_ahead = true;
  template <class S>
  GRAFT_INLINE static Index block(const ProductCall<S>&) {
    return tile_block<S>;
  }
};
/// The left operand is an image: the next row is a pixel Pixel elements on, and after a_block steps the next line
/// follows. Reading beyond the last pixel of the rows that there are must be allowed.
template <int Pixel>
struct ImageLines {
  template <class S>
  static constexpr Index row_stride = Pixel;
  static constexpr bool fetch_ahead = false;
  template <class S>
  GRAFT_INLINE static Index block(const ProductCall<S>& call) {
    return call.a_block;
  }
};

/// Rows x (Vectors vectors) sums in registers. Each sum runs over the steps in order, whatever Rows and Vectors are.
template <int Rows, int Vectors, class Left = TileBlocks>
struct ProductKernel {
  template <class Simd, class Call>
  GRAFT_INLINE static void run(const Call& call) {
    typename Simd::Vector sum[Rows * Vectors] = {};
    multiply<Simd>(call, sum);
    if (call.columns == Vectors * Simd::width)
      finish<Simd>(call, sum);
    else
      finish_partial<Simd>(call, sum);
  }

 private:
  template <class Simd, class Call>
  GRAFT_INLINE static void multiply(const Call& call, typename Simd::Vector (&sum)[Rows * Vectors]) {
    using S = typename Simd::Scalar;
    constexpr Index row_stride = Left::template row_stride<S>;
    const Index block = Left::block(call);
    const S *a = call.a, *b = call.b, *next = call.next;
    for (Index rest = call.steps; rest > 0; rest -= block, a += call.a_block_stride) {
      if constexpr (Left::fetch_ahead)
        unroll<Rows>([&](auto... i)
                         GRAFT_INLINE_LAMBDA { (__builtin_prefetch(a + call.a_block_stride + i * row_stride), ...); });
      const S* const end = a + (rest < block ? rest : block);
      for (const S* at = a; at != end; ++at, b += Vectors * Simd::width, next += call.next_stride) {
        __builtin_prefetch(next, 0, 2);
        typename Simd::Vector right[Vectors];
        unroll<Vectors>([&](auto... j) GRAFT_INLINE_LAMBDA { (Simd::load(right[j], b + j * Simd::width), ...); });
        // scalar * vector is the one spelling that GCC 12 turns into a broadcast from memory.
        unroll<Rows * Vectors>([&](auto... v) GRAFT_INLINE_LAMBDA {
          ((sum[v] += at[v / Vectors * row_stride] * right[v % Vectors]), ...);
        });
      }
    }
  }

  template <class Simd, class Call>
  GRAFT_INLINE static void finish(const Call& call, typename Simd::Vector (&sum)[Rows * Vectors]) {
    using Vector = typename Simd::Vector;
    if (call.accumulate)
      each_vector<Simd>(call, sum, [&](Vector& v, auto* c, int) GRAFT_INLINE_LAMBDA {
        Vector old;
        Simd::load(old, c);
        v += old;
      });
    if (call.bias != nullptr)
      each_vector<Simd>(call, sum, [&](Vector& v, auto*, int column) GRAFT_INLINE_LAMBDA {
        Vector bias;
        Simd::load(bias, call.bias + column);
        v += bias;
      });
    if (call.relu)
      each_vector<Simd>(call, sum, [&](Vector& v, auto*, int) GRAFT_INLINE_LAMBDA { v = v < Vector{} ? Vector{} : v; });
    each_vector<Simd>(call, sum, [&](Vector& v, auto* c, int) GRAFT_INLINE_LAMBDA { Simd::store(c, v); });
  }

  /// f(sum, where it goes, first column) for every vector of the rows that there are.
  template <class Simd, class Call, class F>
  GRAFT_INLINE static void each_vector(const Call& call, typename Simd::Vector (&sum)[Rows * Vectors], F&& f) {
    const auto row = [&](int i, typename Simd::Vector* v) GRAFT_INLINE_LAMBDA {
      if (i >= call.rows) return;
      auto* const c = call.c + call.offset[i];
      unroll<Vectors>([&](auto... j) GRAFT_INLINE_LAMBDA { (f(v[j], c + j * Simd::width, j * Simd::width), ...); });
    };
    unroll<Rows>([&](auto... i) GRAFT_INLINE_LAMBDA { (row(i, sum + i * Vectors), ...); });
  }

  /// Fewer columns than whole vectors hold: a row at a time, by way of memory that holds whole vectors.
  template <class Simd, class Call>
  GRAFT_INLINE static void finish_partial(const Call& call, const typename Simd::Vector (&sum)[Rows * Vectors]) {
    using S = typename Simd::Scalar;
    constexpr int stored = Vectors * Simd::width;
    S rows[Rows * stored], bias[stored] = {};
    unroll<Rows * Vectors>([&](auto... v) GRAFT_INLINE_LAMBDA { (Simd::store(rows + v * Simd::width, sum[v]), ...); });
    if (call.bias != nullptr) copy_up_to_twice<stored / 2>(call.bias, call.columns, bias);
    for (Index i = 0; i < call.rows; ++i) {
      S* const row = rows + i * stored;
      S* const c = call.c + call.offset[i];
      S old[stored] = {};
      if (call.accumulate) copy_up_to_twice<stored / 2>(c, call.columns, old);
      for (int at = 0; at < stored; at += Simd::width) {
        typename Simd::Vector v, term;
        Simd::load(v, row + at);
        Simd::load(term, old + at);
        if (call.accumulate) v += term;
        Simd::load(term, bias + at);
        if (call.bias != nullptr) v += term;
        if (call.relu) v = v < typename Simd::Vector{} ? typename Simd::Vector{} : v;
        Simd::store(row + at, v);
      }
      copy_up_to_twice<stored / 2>(row, call.columns, c);
    }
  }
};

}  // namespace graft::ops
