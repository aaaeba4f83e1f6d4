#include <graft/ops/prelu.hpp>

#include "support/catch.hpp"
#include "support/numeric.hpp"

using namespace graft;
using namespace graft::ops;

namespace {

template <class S>
struct PReLU {
  Tensor<S> x, alpha;  // alpha with a batch of 1

  Tensor<S> value() const {
    Tensor<S> y(x.shape());
    prelu<S>(x.view(), alpha.view(), y.view());
    return y;
  }
  Tensor<S> gradient(const Tensor<S>& dy) const {
    Tensor<S> dx(x.shape());
    prelu_gradient<S>(x.view(), alpha.view(), dy.view(), dx.view());
    return dx;
  }
  Tensor<S> alpha_gradient(const Tensor<S>& dy) const {
    Tensor<S> dalpha(alpha.shape()), work({x.shape()[0], alpha.size()});
    prelu_alpha_gradient<S>(x.view(), alpha.view(), dy.view(), work.data(), dalpha.data());
    return dalpha;
  }
};

std::vector<Shape> alphas() {
  return {{1, 2, 5, 19}, {1, 1, 1, 19}, {1, 2, 5, 1}, {1, 1, 5, 1}, {1, 2, 1, 19}, {1, 1, 1, 1}};
}

}  // namespace

TEST_CASE("prelu multiplies what is below 0 by alpha", "[ops][prelu]") {
  for (const Shape& shape : alphas()) {
    const PReLU<double> op{random_tensor<double>({3, 2, 5, 19}, 1), random_tensor<double>(shape, 2)};
    const Tensor<double> y = op.value();
    bool right = true;
    for (Index n = 0; n < 3; ++n)
      for (Index h = 0; h < 2; ++h)
        for (Index w = 0; w < 5; ++w)
          for (Index c = 0; c < 19; ++c) {
            const double v = op.x(n, h, w, c);
            const double a = op.alpha(0, h % shape[1], w % shape[2], c % shape[3]);
            right = right && y(n, h, w, c) == (v > 0 ? v : v * a);
          }
    INFO(shape);
    CHECK(right);
  }
}

TEST_CASE("prelu's gradients equal central differences", "[ops][prelu][gradient]") {
  for (const Shape& shape : alphas()) {
    PReLU<double> op{random_tensor<double>({3, 2, 5, 19}, 1), random_tensor<double>(shape, 2)};
    const auto dy = random_tensor<double>(op.x.shape(), 3);
    const auto loss = [&] { return dot(op.value(), dy); };
    INFO(shape);
    CHECK(relative_error(op.gradient(dy), numeric_gradient(op.x, loss)) < 1e-7);
    CHECK(relative_error(op.alpha_gradient(dy), numeric_gradient(op.alpha, loss)) < 1e-7);
  }
}

TEST_CASE("prelu passes no gradient at 0 and adds to the gradient of alpha", "[ops][prelu][gradient]") {
  const PReLU<float> op{Tensor<float>({1, 3}, {-2, 0, 3}), Tensor<float>({1, 1}, {0.5})};
  const Tensor<float> dy({1, 3}, {1, 5, 7});
  CHECK(same_bits(op.gradient(dy), Tensor<float>({1, 3}, {0.5, 0, 7})));
  Tensor<float> sum({1, 1}, {100}), work({1, 1});
  prelu_alpha_gradient<float>(op.x.view(), op.alpha.view(), dy.view(), work.data(), sum.data());
  CHECK(sum(0, 0) == 98);
}

TEST_CASE("prelu has the same bits alone and in a batch, on any threads", "[ops][prelu][threads]") {
  for (const Shape& shape : std::vector<Shape>{{1, 1, 1, 67}, {1, 17, 13, 67}, {1, 1, 1, 1}}) {
    const PReLU<float> op{random_tensor<float>({9, 17, 13, 67}, 1), random_tensor<float>(shape, 2)};
    const PReLU<float> one{op.x.slice(4, 5), op.alpha};
    const auto dy = random_tensor<float>(op.x.shape(), 3);
    CHECK(same_bits_on_any_threads([&] { return op.value(); }));
    CHECK(same_bits_on_any_threads([&] { return op.gradient(dy); }));
    CHECK(same_bits_on_any_threads([&] { return op.alpha_gradient(dy); }));
    CHECK(same_bits(one.value(), op.value().slice(4, 5)));
    CHECK(same_bits(one.gradient(dy.slice(4, 5)), op.gradient(dy).slice(4, 5)));
  }
}
