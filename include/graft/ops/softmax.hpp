#pragma once
#include <cmath>
#include <graft/core/view.hpp>
#include <graft/ops/axis.hpp>
#include <graft/ops/parallel.hpp>
#include <graft/ops/vector_math.hpp>

namespace graft::ops {

/// softmax: y = e^x / sum e^x. log_softmax: y = x - ln(sum e^x). Both subtract the largest x first, so nothing
/// overflows.
enum class SoftmaxKind { softmax, log_softmax };

namespace detail {

/// n elements that lie next to one another. Sums are taken in the order of the elements.
struct SoftmaxRow {
  template <class Simd, class S>
  GRAFT_INLINE static void run(SoftmaxKind kind, const S* x, S* y, Index n) {
    using L = Lanes<Simd>;
    const S largest = *std::max_element(x, x + n);
    S sum = 0;
    for (Index i = 0; i < n; i += L::count) {
      const Index here = std::min<Index>(L::count, n - i);
      const L shifted = L::load(x + i, here) - largest, e = exp(shifted);
      for (Index k = 0; k < here; ++k) sum += e[k];
      (kind == SoftmaxKind::softmax ? e : shifted).store(y + i, here);
    }
    const L divisor(kind == SoftmaxKind::softmax ? sum : std::log(sum));
    for (Index i = 0; i < n; i += L::count) {
      const Index here = std::min<Index>(L::count, n - i);
      const L v = L::load(y + i, here);
      (kind == SoftmaxKind::softmax ? v / divisor : v - divisor).store(y + i, here);
    }
  }
};
struct SoftmaxRowGradient {
  template <class Simd, class S>
  GRAFT_INLINE static void run(SoftmaxKind kind, const S* y, const S* dy, S* dx, Index n) {
    using L = Lanes<Simd>;
    S sum = 0;
    for (Index i = 0; i < n; ++i) sum += kind == SoftmaxKind::softmax ? dy[i] * y[i] : dy[i];
    for (Index i = 0; i < n; i += L::count) {
      const Index here = std::min<Index>(L::count, n - i);
      const L v = L::load(y + i, here), d = L::load(dy + i, here);
      (kind == SoftmaxKind::softmax ? v * (d - sum) : d - exp(v) * sum).store(dx + i, here);
    }
  }
};

/// n elements `inner` apart, as many columns at once as there are lanes.
struct SoftmaxColumns {
  template <class Simd, class S>
  GRAFT_INLINE static void run(SoftmaxKind kind, const S* x, S* y, Index n, Index inner) {
    using L = Lanes<Simd>;
    for (Index c = 0; c < inner; c += L::count) {
      const Index here = std::min<Index>(L::count, inner - c);
      L largest = L::load(x + c, here), sum;
      for (Index k = 1; k < n; ++k) largest = max(largest, L::load(x + k * inner + c, here));
      for (Index k = 0; k < n; ++k) sum += exp(L::load(x + k * inner + c, here) - largest);
      const L log_sum = each_lane(sum, [](S v) GRAFT_INLINE_LAMBDA { return std::log(v); });
      for (Index k = 0; k < n; ++k) {
        const L shifted = L::load(x + k * inner + c, here) - largest;
        (kind == SoftmaxKind::softmax ? exp(shifted) / sum : shifted - log_sum).store(y + k * inner + c, here);
      }
    }
  }
};
struct SoftmaxColumnsGradient {
  template <class Simd, class S>
  GRAFT_INLINE static void run(SoftmaxKind kind, const S* y, const S* dy, S* dx, Index n, Index inner) {
    using L = Lanes<Simd>;
    for (Index c = 0; c < inner; c += L::count) {
      const Index here = std::min<Index>(L::count, inner - c);
      L sum;
      for (Index k = 0; k < n; ++k) {
        const L d = L::load(dy + k * inner + c, here);
        sum += kind == SoftmaxKind::softmax ? d * L::load(y + k * inner + c, here) : d;
      }
      for (Index k = 0; k < n; ++k) {
        const L v = L::load(y + k * inner + c, here), d = L::load(dy + k * inner + c, here);
        (kind == SoftmaxKind::softmax ? v * (d - sum) : d - exp(v) * sum).store(dx + k * inner + c, here);
      }
    }
  }
};

}  // namespace detail

/// y = softmax or log_softmax of x over one axis or several; y may be x. Requires equal shapes and non-empty axes.
template <class S>
void softmax(SoftmaxKind kind, View<const S> x, View<S> y, AxisRange axes) {
  const AxisSplit split = split_at(x.shape, axes);
  const Index block = split.length * split.inner;
  with_isa<S>([&](auto simd) {
    each_range(split.outer, 20 * block, [&](Index begin, Index end) {
      for (Index i = begin; i < end; ++i) {
        const S* from = x.data + i * block;
        S* to = y.data + i * block;
        if (split.inner == 1)
          Compiled<decltype(simd), detail::SoftmaxRow>::run(kind, from, to, split.length);
        else
          Compiled<decltype(simd), detail::SoftmaxColumns>::run(kind, from, to, split.length, split.inner);
      }
    });
  });
}

/// From y: softmax dx = y (dy - sum dy y), log_softmax dx = dy - e^y sum dy; dx may be dy.
template <class S>
void softmax_gradient(SoftmaxKind kind, View<const S> y, View<const S> dy, View<S> dx, AxisRange axes) {
  const AxisSplit split = split_at(y.shape, axes);
  const Index n = split.length, inner = split.inner, block = n * inner;
  with_isa<S>([&](auto simd) {
    each_range(split.outer, 20 * block, [&](Index begin, Index end) {
      for (Index at = begin * block; at < end * block; at += block) {
        const S *value = y.data + at, *from = dy.data + at;
        if (inner == 1)
          Compiled<decltype(simd), detail::SoftmaxRowGradient>::run(kind, value, from, dx.data + at, n);
        else
          Compiled<decltype(simd), detail::SoftmaxColumnsGradient>::run(kind, value, from, dx.data + at, n, inner);
      }
    });
  });
}

}  // namespace graft::ops
