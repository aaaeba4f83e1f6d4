#include <graft/ops/pooling.hpp>

#include <limits>

#include "support/catch.hpp"
#include "support/numeric.hpp"

using namespace graft;
using namespace graft::ops;

namespace {

struct Case {
  Shape x;
  Size2D pool, strides;
  Padding padding;
  Window2D window() const { return {pool, strides, Size2D(1), padding}; }
};

std::vector<Case> cases() {
  return {
      {{2, 4, 6, 5}, 2, 2, Padding::valid},            // exact tiles
      {{2, 5, 7, 3}, 2, 2, Padding::valid},            // a row and a column left over
      {{2, 5, 7, 17}, 2, 2, Padding::same},            // a padded row and column
      {{1, 7, 7, 4}, 3, 2, Padding::same},             // overlapping
      {{2, 6, 5, 33}, 3, 1, Padding::same},            // stride 1, padded on all sides
      {{2, 8, 9, 2}, {2, 3}, {3, 4}, Padding::valid},  // stride beyond the pool
      {{2, 5, 5, 2}, {1, 2}, 3, Padding::same},        // stride beyond the pool, same
      {{1, 3, 3, 1}, 3, 3, Padding::valid},            // one window
      {{1, 20, 18, 2}, {17, 16}, 1, Padding::valid},   // more taps than a byte counts
  };
}

/// Calls f(value) for the real elements of a window, in row-major order.
template <class F>
void visit(const Tensor<double>& x, const Case& c, Index n, Index i, Index j, Index ch, F&& f) {
  const Window2D w = c.window();
  for (Index r = 0; r < c.pool.height; ++r)
    for (Index s = 0; s < c.pool.width; ++s) {
      const Index y = i * c.strides.height + r - w.height.before(x.shape()[1]);
      const Index z = j * c.strides.width + s - w.width.before(x.shape()[2]);
      if (y >= 0 && y < x.shape()[1] && z >= 0 && z < x.shape()[2]) f(x(n, y, z, ch));
    }
}

template <class S>
Tensor<S> max_pooled(const Tensor<S>& x, const Case& c, std::vector<std::int32_t>* winners = nullptr) {
  Tensor<S> y(c.window().output_shape(x.shape(), x.shape()[3]));
  if (winners) winners->resize(to_size((max_pool_saved_bytes(c.window(), y.shape()) + 3) / 4));
  max_pool<S>(x.view(), c.window(), y.view(), winners ? winners->data() : nullptr);
  return y;
}
template <class S>
Tensor<S> average_pooled(const Tensor<S>& x, const Case& c) {
  Tensor<S> y(c.window().output_shape(x.shape(), x.shape()[3]));
  average_pool<S>(x.view(), c.window(), y.view());
  return y;
}
template <class S>
Tensor<S> max_gradient(const Tensor<S>& x, const Tensor<S>& dy, const Case& c) {
  std::vector<std::int32_t> winners;
  max_pooled(x, c, &winners);
  Tensor<S> dx(x.shape());
  std::fill(dx.begin(), dx.end(), std::numeric_limits<S>::quiet_NaN());  // every element has to be written
  max_pool_gradient<S>(dy.view(), c.window(), winners.data(), dx.view());
  return dx;
}
template <class S>
Tensor<S> average_gradient(const Tensor<S>& dy, const Case& c, const Shape& shape) {
  Tensor<S> dx(shape);
  std::fill(dx.begin(), dx.end(), std::numeric_limits<S>::quiet_NaN());
  average_pool_gradient<S>(dy.view(), c.window(), dx.view());
  return dx;
}

}  // namespace

TEST_CASE("Pooling takes the largest or the mean of the real elements of a window", "[ops][pooling]") {
  for (const Case& c : cases()) {
    INFO("x " << c.x << ", pool " << c.pool.height << " x " << c.pool.width);
    const Tensor<double> x = random_tensor<double>(c.x, 1);
    const Tensor<double> largest = max_pooled(x, c), mean = average_pooled(x, c);
    bool max_right = true;
    double worst = 0;
    const Shape& s = mean.shape();
    for (Index n = 0; n < s[0]; ++n)
      for (Index i = 0; i < s[1]; ++i)
        for (Index j = 0; j < s[2]; ++j)
          for (Index ch = 0; ch < s[3]; ++ch) {
            double most = -std::numeric_limits<double>::infinity(), sum = 0, count = 0;
            visit(x, c, n, i, j, ch, [&](double v) {
              most = std::max(most, v);
              sum += v;
              ++count;
            });
            max_right = max_right && largest(n, i, j, ch) == most;
            worst = std::max(worst, std::abs(mean(n, i, j, ch) - sum / count));
          }
    CHECK(max_right);
    CHECK(worst < 1e-15);  // the same sums in the same order, but for one rounding of the quotient
  }
}

TEST_CASE("Pooling gradients equal central differences", "[ops][pooling][gradient]") {
  for (const Case& c : cases()) {
    INFO("x " << c.x << ", pool " << c.pool.height << " x " << c.pool.width);
    Tensor<double> x = random_tensor<double>(c.x, 2);
    const Tensor<double> dy = random_tensor<double>(max_pooled(x, c).shape(), 3);
    CHECK(relative_error(max_gradient(x, dy, c), numeric_gradient(x, [&] { return dot(max_pooled(x, c), dy); })) <
          1e-7);
    CHECK(relative_error(average_gradient(dy, c, c.x),
                         numeric_gradient(x, [&] { return dot(average_pooled(x, c), dy); })) < 1e-7);
  }
}

TEST_CASE("Of equal elements the first one gets the gradient", "[ops][pooling][gradient]") {
  const Case c{{1, 2, 4, 1}, 2, 2, Padding::valid};
  const Tensor<float> x(c.x, {1, 1, 0, 2,  //
                              1, 1, 2, 2});
  const Tensor<float> dx = max_gradient(x, Tensor<float>({1, 1, 2, 1}, {5, 7}), c);
  CHECK(same_bits(dx, Tensor<float>(c.x, {5, 0, 0, 7,  //
                                          0, 0, 0, 0})));
}

TEST_CASE("Windows of minus infinity pool to minus infinity", "[ops][pooling]") {
  const Case c{{1, 2, 2, 1}, 2, 1, Padding::same};
  Tensor<float> x(c.x);
  std::fill(x.begin(), x.end(), -std::numeric_limits<float>::infinity());
  CHECK(same_bits(max_pooled(x, c), x));
}

TEST_CASE("Max pooling says what it keeps", "[ops][pooling]") {
  const Case small{{2, 4, 6, 5}, 2, 2, Padding::valid}, big{{1, 20, 18, 2}, {17, 16}, 1, Padding::valid};
  CHECK(max_pool_saved_bytes(small.window(), {2, 2, 3, 5}) == 60);
  CHECK(max_pool_saved_bytes(big.window(), {1, 4, 3, 2}) == 96);
}

TEST_CASE("Pooling has the same bits alone and in a batch, on any threads", "[ops][pooling][threads]") {
  for (const Case& c : {Case{{9, 20, 18, 19}, 2, 2, Padding::valid}, Case{{9, 17, 18, 19}, 3, 2, Padding::same}}) {
    const Tensor<float> x = random_tensor<float>(c.x, 4);
    const Tensor<float> dy = random_tensor<float>(max_pooled(x, c).shape(), 5);
    CHECK(same_bits_on_any_threads([&] { return max_pooled(x, c); }));
    CHECK(same_bits_on_any_threads([&] { return average_pooled(x, c); }));
    CHECK(same_bits_on_any_threads([&] { return max_gradient(x, dy, c); }));
    CHECK(same_bits_on_any_threads([&] { return average_gradient(dy, c, c.x); }));
    CHECK(same_bits(average_pooled(x.slice(4, 5), c), average_pooled(x, c).slice(4, 5)));
    CHECK(same_bits(average_gradient(dy.slice(4, 5), c, c.x.with_front(1)), average_gradient(dy, c, c.x).slice(4, 5)));
    CHECK(same_bits(max_gradient(x.slice(4, 5), dy.slice(4, 5), c), max_gradient(x, dy, c).slice(4, 5)));
  }
}
