#include "metrics/evaluate.hpp"
#include "support/catch.hpp"

using namespace graft;

TEST_CASE("Errors are averaged over features, then over samples", "[metrics][errors]") {
  const Tensor<double> t({2, 2}, {0, 0, 1, 1}), p({2, 2}, {1, 3, 1, 2});
  CHECK(metric_of("mse", t, p) == 11.0 / 4);
  CHECK(metric_of("mae", t, p) == 5.0 / 4);
  CHECK(metric_of("root_mean_squared_error", t, p) == std::sqrt(11.0 / 4));
}

TEST_CASE("RootMeanSquaredError takes the root of the whole mean, not a mean of roots", "[metrics][errors]") {
  const auto state = Metric("RootMeanSquaredError").create({None, 1}, {None, 1});
  state->update(Tensor<float>({1, 1}, {0}).view(), Tensor<float>({1, 1}, {1}).view());
  state->update(Tensor<float>({1, 1}, {0}).view(), Tensor<float>({1, 1}, {7}).view());
  CHECK(state->result() == 5);
}
