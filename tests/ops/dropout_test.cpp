#include <graft/ops/dropout.hpp>

#include "support/catch.hpp"
#include "support/numeric.hpp"

using namespace graft;
using namespace graft::ops;

namespace {

template <class S>
Tensor<S> drop(const Tensor<S>& x, const Shape& noise, double rate, std::uint64_t key = 1) {
  Tensor<S> y(x.shape()), work({dropout_work(x.shape(), noise)});
  dropout<S>(x.view(), noise, rate, RandomStream(key), y.view(), work.data());
  return y;
}

Tensor<float> ones(const Shape& shape) {
  Tensor<float> t(shape);
  std::fill(t.begin(), t.end(), 1.0f);
  return t;
}

}  // namespace

TEST_CASE("Dropout keeps the given share of the elements and scales them up", "[ops][dropout]") {
  const double rate = GENERATE(0.1, 0.5, 0.9);
  const Tensor<float> y = drop(ones({4, 25000}), {4, 25000}, rate);
  double kept = 0;
  bool two_values = true;
  for (const float v : y) {
    kept += v > 0;
    two_values = two_values && (v == 0 || v == static_cast<float>(1 / (1 - rate)));
  }
  CHECK(two_values);
  // 1e5 draws: the standard deviation of the share is at most 0.0016.
  CHECK_THAT(kept / 1e5, WithinAbs(1 - rate, 0.007));
}

TEST_CASE("Dropout of rate 0 is the identity and of rate 1 gives zeros", "[ops][dropout]") {
  const Tensor<float> x = random_tensor<float>({3, 40}, 2);
  CHECK(same_bits(drop(x, x.shape(), 0), x));
  CHECK(same_bits(drop(x, x.shape(), 1), Tensor<float>(x.shape())));
}

TEST_CASE("Every row and every key has a mask of its own", "[ops][dropout]") {
  const Tensor<float> x = ones({2, 200}), y = drop(x, x.shape(), 0.5);
  CHECK_FALSE(same_bits(y[0], y[1]));
  CHECK_FALSE(same_bits(y, drop(x, x.shape(), 0.5, 7)));
  CHECK(same_bits(y, drop(x, x.shape(), 0.5)));
}

TEST_CASE("A mask repeats along the axes that are 1 in its shape", "[ops][dropout]") {
  const Tensor<float> x = ones({6, 3, 4, 8}), y = drop(x, {6, 1, 1, 8}, 0.5), same = drop(x, {1, 3, 4, 8}, 0.5);
  bool channels = true, rows = true;
  for (Index n = 0; n < 6; ++n)
    for (Index i = 0; i < 12; ++i)
      for (Index c = 0; c < 8; ++c) {
        channels = channels && y(n, i / 4, i % 4, c) == y(n, 0, 0, c);
        rows = rows && same(n, i / 4, i % 4, c) == same(0, i / 4, i % 4, c);
      }
  CHECK(channels);
  CHECK(rows);
  CHECK_FALSE(same_bits(y[0], y[1]));
  CHECK_FALSE(same_bits(same, x));
}

TEST_CASE("Dropout's gradient is dropout of the gradient", "[ops][dropout][gradient]") {
  const Shape noise = GENERATE(Shape{2, 3, 7}, Shape{2, 1, 7});
  Tensor<double> x = random_tensor<double>({2, 3, 7}, 3);
  const Tensor<double> dy = random_tensor<double>(x.shape(), 4);
  const Tensor<double> expected = numeric_gradient(x, [&] { return dot(drop(x, noise, 0.4), dy); });
  CHECK(relative_error(drop(dy, noise, 0.4), expected) < 1e-7);
}

TEST_CASE("Dropout has the same bits on any threads, and for row 0 alone", "[ops][dropout][threads]") {
  const Shape noise = GENERATE(Shape{9, 30, 60}, Shape{9, 1, 60});
  const Tensor<float> x = random_tensor<float>({9, 30, 60}, 5);
  CHECK(same_bits_on_any_threads([&] { return drop(x, noise, 0.3); }));
  CHECK(same_bits(drop(x.slice(0, 1), noise.with_front(1), 0.3), drop(x, noise, 0.3).slice(0, 1)));
}
