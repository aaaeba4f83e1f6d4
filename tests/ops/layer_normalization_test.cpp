#include <graft/ops/layer_normalization.hpp>

#include "support/catch.hpp"
#include "support/numeric.hpp"

using namespace graft;
using namespace graft::ops;

namespace {

constexpr double epsilon = 1e-3;

/// The elements of position p, one for each channel.
std::vector<Index> elements_of(const ChannelLayout& l, Index p) {
  std::vector<Index> all;
  for (Index c = 0; c < l.channels; ++c) all.push_back((p / l.inner * l.channels + c) * l.inner + p % l.inner);
  return all;
}

/// What one step of layer normalization computes.
template <class S>
struct Pass {
  ChannelLayout layout;
  ScaleOnly scale_only;
  Tensor<S> mean, deviation, y, sum_dy, sum_dy_y, dx;

  Pass(const Tensor<S>& x, AxisRange axes, ScaleOnly only, const Tensor<S>& gamma, const Tensor<S>& beta)
      : layout(ChannelLayout::of(x.shape(), axes)),
        scale_only(only),
        mean({layout.positions()}),
        deviation(mean),
        y(x.shape()),
        sum_dy({layout.channels}),
        sum_dy_y(sum_dy),
        dx(x.shape()) {
    layer_normalize(layout, x.data(), epsilon, only, gamma.data(), beta.data(), mean.data(), deviation.data(),
                    y.data());
  }
  void gradient(const Tensor<S>& x, const Tensor<S>& dy, const Tensor<S>& gamma) {
    Tensor<S> sums({layer_normalization_sums_work(layout)}), pulls({layer_normalization_gradient_work(layout)});
    layer_normalization_sums(layout, x.data(), dy.data(), scale_only, mean.data(), deviation.data(), sum_dy.data(),
                             sum_dy_y.data(), sums.data());
    layer_normalization_gradient(layout, x.data(), dy.data(), scale_only, mean.data(), deviation.data(), gamma.data(),
                                 dx.data(), pulls.data());
  }
};

Tensor<double> per_channel(const Tensor<double>& x, AxisRange axes, std::uint64_t seed) {
  return random_tensor<double>({ChannelLayout::of(x.shape(), axes).channels}, seed, 0.5, 2);
}

}  // namespace

TEST_CASE("Every position is normalized over its channels", "[ops][layer_normalization]") {
  const auto [shape, axes] = GENERATE(table<Shape, AxisRange>({{{3, 5, 7}, -1},
                                                               {{3, 5, 1}, -1},
                                                               {{2, 3, 67}, -1},
                                                               {{2, 9001}, -1},  // more than 512 vectors
                                                               {{3, 5, 7}, 1},
                                                               {{2, 1025, 19}, 1},
                                                               {{2, 3, 4, 5}, {1, 2}},
                                                               {{2, 3, 4, 5}, {-2, 2}},
                                                               {{2, 3, 4, 5}, {1, 3}}}));
  const auto only = GENERATE(ScaleOnly::no, ScaleOnly::yes);
  const auto x = random_tensor<double>(shape, 1, 9, 11);
  const auto gamma = per_channel(x, axes, 2), beta = per_channel(x, axes, 3);
  const Pass<double> pass(x, axes, only, gamma, beta);
  for (Index p = 0; p < pass.layout.positions(); ++p) {
    const auto elements = elements_of(pass.layout, p);
    long double sum = 0, square = 0;
    for (const Index i : elements) sum += x.data()[i];
    const long double mean = sum / static_cast<long double>(elements.size());
    for (const Index i : elements) square += (x.data()[i] - mean) * (x.data()[i] - mean);
    const long double deviation = 1 / std::sqrt(square / static_cast<long double>(elements.size()) + epsilon);
    double worst = 0;
    for (std::size_t c = 0; c < elements.size(); ++c) {
      const long double offset = only == ScaleOnly::yes ? 0 : mean;
      const long double normal = (x.data()[elements[c]] - offset) * deviation;
      const auto expected = static_cast<double>(gamma.data()[c] * normal + beta.data()[c]);
      worst = std::max(worst, std::abs(pass.y.data()[elements[c]] - expected));
    }
    // The mean of n numbers near 10 is off by 1e-16 * 10 * sqrt(n), a variance of 0.3 divides by half as much, and
    // gamma is below 2. x itself is near 10 where the mean stays.
    CHECK(worst < 1e-12);
  }
}

TEST_CASE("Layer normalization's gradients equal central differences", "[ops][layer_normalization][gradient]") {
  const auto axes = GENERATE(AxisRange(-1), AxisRange(1), AxisRange(1, 2), AxisRange(-2, 2));
  const auto only = GENERATE(ScaleOnly::no, ScaleOnly::yes);
  auto x = random_tensor<double>({2, 3, 4, 5}, 5);
  const auto dy = random_tensor<double>(x.shape(), 6);
  auto gamma = per_channel(x, axes, 7), beta = per_channel(x, axes, 8);
  const auto value = [&] { return dot(Pass<double>(x, axes, only, gamma, beta).y, dy); };
  Pass<double> pass(x, axes, only, gamma, beta);
  pass.gradient(x, dy, gamma);
  CHECK(relative_error(pass.dx, numeric_gradient(x, value)) < 1e-7);
  CHECK(relative_error(pass.sum_dy_y, numeric_gradient(gamma, value)) < 1e-7);
  CHECK(relative_error(pass.sum_dy, numeric_gradient(beta, value)) < 1e-7);
}

TEST_CASE("A long row keeps float's digits", "[ops][layer_normalization]") {
  const Index n = 1 << 20;
  Tensor<float> x({1, n});
  for (Index i = 0; i < n; ++i) x.data()[i] = i % 2 == 0 ? 0.9F : 1.1F;
  Tensor<float> gamma({n});
  gamma.array() = 1;
  const Tensor<float> beta({n});
  const Pass<float> pass(x, -1, ScaleOnly::no, gamma, beta);
  // At most 512 roundings of 6e-8 in a chunk; numbers added to a sum of 100000, as one sum has it, are off by 4e-3.
  CHECK(pass.mean.data()[0] == Approx(1).epsilon(3e-5));
}
