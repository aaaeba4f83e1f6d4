#include <graft/ops/softmax.hpp>

#include <limits>

#include "support/catch.hpp"
#include "support/numeric.hpp"

using namespace graft;
using namespace graft::ops;

namespace {

template <class S>
Tensor<S> apply(SoftmaxKind kind, const Tensor<S>& x, AxisRange axes) {
  Tensor<S> y(x.shape());
  softmax<S>(kind, x.view(), y.view(), axes);
  return y;
}

/// By the formula, in long double.
double reference(SoftmaxKind kind, const Tensor<double>& x, const AxisSplit& s, Index outer, Index k, Index inner) {
  const auto at = [&](Index j) { return static_cast<long double>(x.data()[(outer * s.length + j) * s.inner + inner]); };
  long double sum = 0;
  for (Index j = 0; j < s.length; ++j) sum += std::exp(at(j));
  const long double log_y = at(k) - std::log(sum);
  return static_cast<double>(kind == SoftmaxKind::softmax ? std::exp(log_y) : log_y);
}

}  // namespace

TEST_CASE("Softmax over any axes follows its formula", "[ops][softmax]") {
  const auto kind = GENERATE(SoftmaxKind::softmax, SoftmaxKind::log_softmax);
  const Shape shape = GENERATE(Shape{3, 1}, Shape{5, 10}, Shape{2, 17}, Shape{2, 3, 4, 19}, Shape{2, 1000});
  const auto axis = GENERATE(AxisRange(-1), AxisRange(1), AxisRange(-2, 2));
  const Tensor<double> x = random_tensor<double>(shape, 7, -9, 9), y = apply(kind, x, axis);
  const AxisSplit s = split_at(shape, axis);
  double worst = 0;
  for (Index o = 0; o < s.outer; ++o)
    for (Index k = 0; k < s.length; ++k)
      for (Index i = 0; i < s.inner; ++i) {
        const double expected = reference(kind, x, s, o, k, i);
        const double got = y.data()[(o * s.length + k) * s.inner + i];
        worst = std::max(worst, std::abs(got - expected) / std::max(std::abs(expected), 1e-3));
      }
  CHECK(worst < 1000 * std::numeric_limits<double>::epsilon());  // a sum of 1000 terms in plain order
}

TEST_CASE("Softmax neither overflows nor loses small terms", "[ops][softmax]") {
  const Tensor<float> x({2, 3}, {1000, 1000, -1000, -5000, -5001, -5000});
  const Tensor<float> y = apply(SoftmaxKind::softmax, x, -1), log_y = apply(SoftmaxKind::log_softmax, x, -1);
  CHECK(y(0, 0) == 0.5f);
  CHECK(y(0, 2) == 0);
  CHECK(y(1, 1) == Approx(std::exp(-1) / (2 + std::exp(-1))));
  CHECK(log_y(0, 2) == Approx(-2000 - std::log(2)));
}

TEST_CASE("Softmax gradients equal central differences", "[ops][softmax][gradient]") {
  const auto kind = GENERATE(SoftmaxKind::softmax, SoftmaxKind::log_softmax);
  const Index axis = GENERATE(1, 2);
  Tensor<double> x = random_tensor<double>({2, 5, 9}, 3, -2, 2);
  const Tensor<double> dy = random_tensor<double>(x.shape(), 4);
  const Tensor<double> expected = numeric_gradient(x, [&] { return dot(apply(kind, x, axis), dy); });
  const Tensor<double> y = apply(kind, x, axis);
  Tensor<double> dx = dy;
  softmax_gradient<double>(kind, y.view(), dx.view(), dx.view(), axis);
  CHECK(relative_error(dx, expected) < 1e-7);
}

TEST_CASE("A row's softmax has the same bits alone and in a batch, on any threads", "[ops][softmax][threads]") {
  const auto kind = GENERATE(SoftmaxKind::softmax, SoftmaxKind::log_softmax);
  const Tensor<float> x = random_tensor<float>({37, 13, 29}, 5, -6, 6), dy = random_tensor<float>(x.shape(), 6);
  for (const Index axis : {1, 2}) {
    CHECK(same_bits_on_any_threads([&] { return apply(kind, x, axis); }));
    const Tensor<float> y = apply(kind, x, axis);
    Tensor<float> dx(x.shape()), dx_alone({1, 13, 29});
    softmax_gradient<float>(kind, y.view(), dy.view(), dx.view(), axis);
    CHECK(same_bits(apply(kind, x.slice(5, 6), axis), y.slice(5, 6)));
    const Tensor<float> y_alone = y.slice(5, 6), dy_alone = dy.slice(5, 6);
    softmax_gradient<float>(kind, y_alone.view(), dy_alone.view(), dx_alone.view(), axis);
    CHECK(same_bits(dx_alone, dx.slice(5, 6)));
  }
}
