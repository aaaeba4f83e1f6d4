#include <graft/ops/global_pooling.hpp>

#include "support/catch.hpp"
#include "support/numeric.hpp"

using namespace graft;
using namespace graft::ops;

namespace {

template <class S>
Tensor<S> average(const Tensor<S>& x) {
  Tensor<S> y({x.shape()[0], x.shape()[-1]});
  global_average_pool<S>(x.view(), y.view());
  return y;
}
template <class S>
Tensor<S> largest(const Tensor<S>& x) {
  Tensor<S> y({x.shape()[0], x.shape()[-1]});
  global_max_pool<S>(x.view(), y.view());
  return y;
}
template <class S>
Tensor<S> average_gradient(const Tensor<S>& dy, const Shape& shape) {
  Tensor<S> dx(shape);
  global_average_pool_gradient<S>(dy.view(), dx.view());
  return dx;
}
template <class S>
Tensor<S> max_gradient(const Tensor<S>& x, const Tensor<S>& dy) {
  Tensor<S> dx(x.shape());
  const Tensor<S> y = largest(x);
  global_max_pool_gradient<S>(x.view(), y.view(), dy.view(), dx.view());
  return dx;
}

}  // namespace

TEST_CASE("Global pooling reduces all positions of a channel", "[ops][pooling]") {
  const Shape shape = GENERATE(Shape{2, 3, 5, 17}, Shape{1, 1, 1, 4}, Shape{3, 9, 5}, Shape{2, 7, 7, 3});
  const Tensor<double> x = random_tensor<double>(shape, 1), mean = average(x), most = largest(x);
  const Index channels = shape.back(), positions = shape.sample_elements() / channels;
  for (Index n = 0; n < shape[0]; ++n)
    for (Index c = 0; c < channels; ++c) {
      double sum = 0, top = -2;
      for (Index p = 0; p < positions; ++p) {
        const double v = x.data()[(n * positions + p) * channels + c];
        sum += v;
        top = std::max(top, v);
      }
      CHECK(mean(n, c) == sum / static_cast<double>(positions));
      CHECK(most(n, c) == top);
    }
}

TEST_CASE("Global pooling gradients equal central differences", "[ops][pooling][gradient]") {
  Tensor<double> x = random_tensor<double>({2, 3, 4, 9}, 2);
  const Tensor<double> dy = random_tensor<double>({2, 9}, 3);
  CHECK(relative_error(average_gradient(dy, x.shape()), numeric_gradient(x, [&] { return dot(average(x), dy); })) <
        1e-7);
  CHECK(relative_error(max_gradient(x, dy), numeric_gradient(x, [&] { return dot(largest(x), dy); })) < 1e-7);
}

TEST_CASE("Equal largest values share the gradient of a global maximum", "[ops][pooling][gradient]") {
  const Tensor<float> x({1, 4, 1}, {3, 1, 3, 3});
  const float third = 1.0f / 3 * 6;
  CHECK(same_bits(max_gradient(x, Tensor<float>({1, 1}, {6})), Tensor<float>({1, 4, 1}, {third, 0, third, third})));
}

TEST_CASE("Global pooling has the same bits alone and in a batch, on any threads", "[ops][pooling][threads]") {
  const Tensor<float> x = random_tensor<float>({9, 11, 12, 37}, 4), dy = random_tensor<float>({9, 37}, 5);
  CHECK(same_bits_on_any_threads([&] { return average(x); }));
  CHECK(same_bits_on_any_threads([&] { return largest(x); }));
  CHECK(same_bits_on_any_threads([&] { return average_gradient(dy, x.shape()); }));
  CHECK(same_bits_on_any_threads([&] { return max_gradient(x, dy); }));
  CHECK(same_bits(average(x.slice(3, 4)), average(x).slice(3, 4)));
  CHECK(same_bits(max_gradient(x.slice(3, 4), dy.slice(3, 4)), max_gradient(x, dy).slice(3, 4)));
}
