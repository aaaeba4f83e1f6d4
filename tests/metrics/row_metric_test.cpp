#include <graft/metrics/row_metric.hpp>

#include "metrics/evaluate.hpp"
#include "support/catch.hpp"

using namespace graft;

TEST_CASE("A mean goes over samples of all batches, whatever their size", "[metrics][row_metric]") {
  const auto state = Metric("mse").create({None, 1}, {None, 1});
  CHECK(state->result() == 0);
  state->update(Tensor<float>({3, 1}, {0, 0, 0}).view(), Tensor<float>({3, 1}, {1, 1, 1}).view());
  CHECK(state->result() == 1);
  state->update(Tensor<float>({1, 1}, {0}).view(), Tensor<float>({1, 1}, {3}).view());
  CHECK(state->result() == 3);
  state->update(Tensor<float>(Shape{0, 1}).view(), Tensor<float>(Shape{0, 1}).view());
  CHECK(state->result() == 3);
  state->reset();
  CHECK(state->result() == 0);
  state->update(Tensor<double>({1, 1}, {0}).view(), Tensor<double>({1, 1}, {2}).view());
  CHECK(state->result() == 4);
}

TEST_CASE("A weighted mean divides by the weights' sum", "[metrics][row_metric]") {
  const Tensor<double> t({3, 1}, {0, 0, 0}), p({3, 1}, {1, 2, 3});
  CHECK(metric_of("mae", t, p, Tensor<double>({3}, {1, 0, 2})) == 7.0 / 3);
  CHECK(metric_of("mae", t, p, Tensor<double>({3, 1}, {1, 0, 2})) == 7.0 / 3);
  CHECK(metric_of("mae", t, p, Tensor<double>({3}, {0, 0, 0})) == 0);
}

TEST_CASE("A sample's rows are averaged before its weight is applied", "[metrics][row_metric]") {
  const Tensor<double> t({2, 2, 1}, {0, 0, 0, 0}), p({2, 2, 1}, {1, 3, 5, 7});
  CHECK(metric_of("mae", t, p) == 4);
  CHECK(metric_of("mae", t, p, Tensor<double>({2}, {3, 1})) == (3 * 2 + 6) / 4.0);
  CHECK(metric_of("mae", t, p, Tensor<double>({2, 2}, {1, 0, 0, 1})) == 4);
}

TEST_CASE("A batch that is refused leaves the state as it was", "[metrics][row_metric]") {
  const auto state = Metric("sparse_categorical_crossentropy").create({None}, {None, 2});
  const Tensor<float> p({2, 2}, {0.5f, 0.5f, 0.25f, 0.75f});
  state->update(Tensor<float>({2}, {0, 0}).view(), p.view());
  const double before = state->result();
  CHECK_THROWS_MATCHES(state->update(Tensor<float>({2}, {0, 2}).view(), p.view()), ArgumentError,
                       Message("SparseCategoricalCrossentropy: a class index is from 0 to 1, got 2. y_pred has 2 "
                               "classes."));
  CHECK_THROWS_AS(state->update(Tensor<float>({3}, {0, 0, 0}).view(), p.view()), ShapeError);
  CHECK_THROWS_AS(state->update(Tensor<float>({2}, {0, 0}).view(), p.view(), Tensor<float>(Shape{3}).view()),
                  ShapeError);
  CHECK(state->result() == before);
}
