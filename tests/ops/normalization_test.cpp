#include <graft/ops/normalization.hpp>

#include "support/catch.hpp"
#include "support/numeric.hpp"

using namespace graft;
using namespace graft::ops;

namespace {

constexpr double epsilon = 1e-3;

/// Everything one training step of batch normalization computes.
template <class S>
struct Pass {
  ChannelLayout layout;
  Tensor<S> mean, variance, deviation, work, y, sum_dy, sum_dy_x, dx;

  Pass(const Tensor<S>& x, Index axis)
      : layout(ChannelLayout::of(x.shape(), axis)),
        mean({layout.channels}),
        variance(mean),
        deviation(mean),
        work({normalization_work(layout)}),
        y(x.shape()),
        sum_dy(mean),
        sum_dy_x(mean),
        dx(x.shape()) {
    batch_statistics(layout, x.data(), mean.data(), variance.data(), work.data());
    use_statistics(x, nullptr, nullptr);
  }
  void use_statistics(const Tensor<S>& x, const S* gamma, const S* beta) {
    inverse_deviation(variance.data(), epsilon, deviation.data(), layout.channels);
    normalize(layout, x.data(), mean.data(), deviation.data(), gamma, beta, y.data());
  }
  void sums(const Tensor<S>& x, const Tensor<S>& dy) {
    normalization_sums(layout, x.data(), dy.data(), mean.data(), deviation.data(), sum_dy.data(), sum_dy_x.data(),
                       work.data());
  }
  void gradient(const Tensor<S>& x, const Tensor<S>& dy, const S* gamma) {
    sums(x, dy);
    normalization_gradient(layout, x.data(), dy.data(), mean.data(), deviation.data(), gamma, sum_dy.data(),
                           sum_dy_x.data(), dx.data());
  }
};

}  // namespace

TEST_CASE("A layout of channels is found for any axis", "[ops][normalization]") {
  const ChannelLayout last = ChannelLayout::of({2, 5, 7, 3}, -1), first = ChannelLayout::of({2, 3, 5, 7}, 1);
  CHECK((last.samples == 2 && last.outer == 35 && last.channels == 3 && last.inner == 1));
  CHECK((first.samples == 2 && first.outer == 1 && first.channels == 3 && first.inner == 35));
  CHECK(ChannelLayout::of({4, 6}, 1).outer == 1);
  CHECK(first.per_channel() == 70);
}

TEST_CASE("Batch statistics are the mean and the biased variance of each channel", "[ops][normalization]") {
  const auto [shape, axis] = GENERATE(table<Shape, Index>(
      {{{3, 5, 7, 19}, -1}, {{3, 5, 7, 19}, 1}, {{3, 5, 7, 19}, 2}, {{6, 4}, 1}, {{2, 40, 40, 3}, 3}}));
  const Tensor<double> x = random_tensor<double>(shape, 1, 99, 101);  // a mean far from 0: one pass would lose 1e-12
  const Pass<double> pass(x, axis);
  const ChannelLayout& l = pass.layout;
  for (Index c = 0; c < l.channels; ++c) {
    long double sum = 0, square = 0;
    const auto visit = [&](auto&& f) {
      for (Index o = 0; o < l.samples * l.outer; ++o)
        for (Index i = 0; i < l.inner; ++i) f(x.data()[(o * l.channels + c) * l.inner + i]);
    };
    visit([&](double v) { sum += v; });
    const long double mean = sum / static_cast<long double>(l.per_channel());
    visit([&](double v) { square += (v - mean) * (v - mean); });
    const auto variance = static_cast<double>(square / static_cast<long double>(l.per_channel()));
    CHECK(pass.mean(c) == Approx(static_cast<double>(mean)).epsilon(1e-14));
    CHECK(pass.variance(c) ==
          Approx(variance).epsilon(1e-12));  // differences of numbers near 100 have an error of 1e-14
  }
}

TEST_CASE("Normalized channels are scaled and shifted", "[ops][normalization]") {
  const Tensor<double> x = random_tensor<double>({2, 3, 4, 5}, 2), gamma = random_tensor<double>({5}, 3),
                       beta = random_tensor<double>({5}, 4);
  Pass<double> pass(x, -1);
  const Tensor<double> plain = pass.y;
  pass.use_statistics(x, gamma.data(), beta.data());
  for (Index c = 0; c < 5; ++c) {
    const double expected = (x(1, 2, 3, c) - pass.mean(c)) / std::sqrt(pass.variance(c) + epsilon);
    CHECK(plain(1, 2, 3, c) == Approx(expected).epsilon(1e-14));
    CHECK(pass.y(1, 2, 3, c) == Approx(gamma(c) * expected + beta(c)).epsilon(1e-13));
  }
}

TEST_CASE("Normalization gradients equal central differences", "[ops][normalization][gradient]") {
  const Index axis = GENERATE(-1, 1);
  Tensor<double> x = random_tensor<double>({3, 9, 2, 4}, 5);
  const Tensor<double> dy = random_tensor<double>(x.shape(), 6);
  Pass<double> pass(x, axis);
  Tensor<double> gamma = random_tensor<double>({pass.layout.channels}, 7, 0.5, 2), beta = pass.mean;
  const auto with_batch_statistics = [&] {
    Pass<double> p(x, axis);
    p.use_statistics(x, gamma.data(), beta.data());
    return dot(p.y, dy);
  };
  pass.gradient(x, dy, gamma.data());
  CHECK(relative_error(pass.dx, numeric_gradient(x, with_batch_statistics)) < 1e-7);
  CHECK(relative_error(pass.sum_dy_x, numeric_gradient(gamma, with_batch_statistics)) < 1e-7);
  CHECK(relative_error(pass.sum_dy, numeric_gradient(beta, with_batch_statistics)) < 1e-7);

  pass.mean = random_tensor<double>(beta.shape(), 8);
  pass.variance = random_tensor<double>(beta.shape(), 9, 0.1, 2);
  const auto with_constants = [&] {
    pass.use_statistics(x, gamma.data(), beta.data());
    return dot(pass.y, dy);
  };
  const Tensor<double> expected_x = numeric_gradient(x, with_constants);
  const Tensor<double> expected_gamma = numeric_gradient(gamma, with_constants);
  pass.sums(x, dy);
  CHECK(relative_error(pass.sum_dy_x, expected_gamma) < 1e-7);
  normalization_gradient_of_constants(pass.layout, dy.data(), pass.deviation.data(), gamma.data(), pass.dx.data());
  CHECK(relative_error(pass.dx, expected_x) < 1e-7);
}

TEST_CASE("Moving statistics follow the batch's by 1 - momentum", "[ops][normalization]") {
  Tensor<float> moving({2}, {1, -2});
  const Tensor<float> batch({2}, {3, 4});
  update_moving(moving.data(), batch.data(), 0.75, 2);
  CHECK(moving(0) == 1.5f);
  CHECK(moving(1) == -0.5f);
}

TEST_CASE("Normalization has the same bits on any threads", "[ops][normalization][threads]") {
  const Index axis = GENERATE(-1, 1);
  const Tensor<float> x = random_tensor<float>({5, 41, 43, 21}, 10), dy = random_tensor<float>(x.shape(), 11);
  CHECK(same_bits_on_any_threads([&] { return Pass<float>(x, axis).mean; }));
  CHECK(same_bits_on_any_threads([&] { return Pass<float>(x, axis).variance; }));
  CHECK(same_bits_on_any_threads([&] { return Pass<float>(x, axis).y; }));
  CHECK(same_bits_on_any_threads([&] {
    Pass<float> pass(x, axis);
    pass.gradient(x, dy, nullptr);
    return pass.dx;
  }));
}

TEST_CASE("With moving statistics a sample has the same bits alone and in a batch", "[ops][normalization]") {
  const Tensor<float> x = random_tensor<float>({5, 7, 9, 21}, 12), one = x.slice(2, 3);
  const Pass<float> pass(x, -1);
  Tensor<float> y(one.shape());
  normalize<float>(ChannelLayout::of(one.shape(), -1), one.data(), pass.mean.data(), pass.deviation.data(), nullptr,
                   nullptr, y.data());
  CHECK(same_bits(y, pass.y.slice(2, 3)));
}
