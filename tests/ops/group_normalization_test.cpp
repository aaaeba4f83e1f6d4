#include <graft/ops/group_normalization.hpp>

#include "support/catch.hpp"
#include "support/numeric.hpp"

using namespace graft;
using namespace graft::ops;

namespace {

constexpr double epsilon = 1e-3;

struct Pass {
  ChannelLayout layout;
  Index groups;
  Tensor<double> mean, deviation, y, work, sum_dy, sum_dy_x, dx;

  Pass(const Tensor<double>& x, Index axis, Index in_groups, const Tensor<double>& gamma, const Tensor<double>& beta)
      : layout(ChannelLayout::of(x.shape(), axis)),
        groups(in_groups),
        mean({layout.samples, layout.channels}),
        deviation(mean),
        y(x.shape()),
        work({group_normalization_work(layout)}),
        sum_dy(mean),
        sum_dy_x(mean),
        dx(x.shape()) {
    group_normalize(layout, groups, x.data(), epsilon, gamma.data(), beta.data(), mean.data(), deviation.data(),
                    y.data(), work.data());
  }
  void sums(const Tensor<double>& x, const Tensor<double>& dy) {
    group_normalization_sums(layout, x.data(), dy.data(), mean.data(), deviation.data(), sum_dy.data(), sum_dy_x.data(),
                             work.data());
  }
  void gradient(const Tensor<double>& x, const Tensor<double>& dy, const Tensor<double>& gamma) {
    group_normalization_gradient(layout, groups, x.data(), dy.data(), mean.data(), deviation.data(), gamma.data(),
                                 sum_dy.data(), sum_dy_x.data(), dx.data());
  }
};

Tensor<double> over_samples(const Tensor<double>& sums) {
  Tensor<double> total({sums.shape()[1]});
  for (Index i = 0; i < sums.size(); ++i) total.data()[i % total.size()] += sums.data()[i];
  return total;
}

}  // namespace

TEST_CASE("Groups of channels are normalized in every sample", "[ops][group_normalization]") {
  const auto [shape, axis] = GENERATE(table<Shape, Index>(
      {{{3, 5, 7, 6}, -1}, {{3, 6, 5, 7}, 1}, {{2, 3, 6, 19}, 2}, {{4, 6}, 1}, {{2, 1100, 6}, -1}}));
  const Index groups = GENERATE(1, 2, 3, 6);
  const auto x = random_tensor<double>(shape, 1, 9, 11);
  const auto gamma = random_tensor<double>({6}, 2, 0.5, 2), beta = random_tensor<double>({6}, 3);
  const Pass pass(x, axis, groups, gamma, beta);
  const ChannelLayout& l = pass.layout;
  const Index width = 6 / groups;
  for (Index s = 0; s < l.samples; ++s)
    for (Index g = 0; g < groups; ++g) {
      const auto visit = [&](auto&& f) {
        for (Index o = 0; o < l.outer; ++o)
          for (Index c = g * width; c < (g + 1) * width; ++c)
            for (Index i = 0; i < l.inner; ++i) f(((s * l.outer + o) * 6 + c) * l.inner + i, c);
      };
      const auto n = static_cast<long double>(l.outer * width * l.inner);
      long double sum = 0, square = 0;
      visit([&](Index at, Index) { sum += x.data()[at]; });
      const long double mean = sum / n;
      visit([&](Index at, Index) { square += (x.data()[at] - mean) * (x.data()[at] - mean); });
      const long double deviation = 1 / std::sqrt(square / n + epsilon);
      double worst = 0;
      visit([&](Index at, Index c) {
        const auto expected = static_cast<double>(gamma(c) * (x.data()[at] - mean) * deviation + beta(c));
        worst = std::max(worst, std::abs(pass.y.data()[at] - expected));
      });
      CHECK(worst < 1e-12);  // numbers near 10 are off by 1e-15, sums of them by some times more, deviations reach 30
    }
}

TEST_CASE("Group normalization's gradients equal central differences", "[ops][group_normalization][gradient]") {
  const Index axis = GENERATE(-1, 1), groups = GENERATE(1, 2, 4);
  auto x = random_tensor<double>({3, 4, 2, 4}, 5);
  const auto dy = random_tensor<double>(x.shape(), 6);
  auto gamma = random_tensor<double>({4}, 7, 0.5, 2), beta = random_tensor<double>({4}, 8);
  const auto value = [&] { return dot(Pass(x, axis, groups, gamma, beta).y, dy); };
  Pass pass(x, axis, groups, gamma, beta);
  pass.sums(x, dy);
  CHECK(relative_error(over_samples(pass.sum_dy_x), numeric_gradient(gamma, value)) < 1e-7);
  CHECK(relative_error(over_samples(pass.sum_dy), numeric_gradient(beta, value)) < 1e-7);
  pass.gradient(x, dy, gamma);
  CHECK(relative_error(pass.dx, numeric_gradient(x, value)) < 1e-7);
}
