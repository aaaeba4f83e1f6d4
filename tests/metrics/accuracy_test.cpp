#include "metrics/evaluate.hpp"
#include "support/catch.hpp"

using namespace graft;

TEST_CASE("BinaryAccuracy says 1 strictly above its threshold", "[metrics][binary_accuracy]") {
  const Tensor<double> t({4, 1}, {1, 1, 0, 0}), p({4, 1}, {0.5, 0.51, 0.5, 0.2});
  CHECK(metric_of("binary_accuracy", t, p) == 0.75);
  CHECK(metric_of(metrics::BinaryAccuracy({.threshold = 0.1}), t, p) == 0.5);
  CHECK(metric_of("binary_accuracy", Tensor<double>({1, 3}, {1, 0, 1}), Tensor<double>({1, 3}, {1, 1, 1})) == 2.0 / 3);
  for (const double wrong : {0.0, 1.0, -1.0})
    CHECK_THROWS_AS(metrics::BinaryAccuracy({.threshold = wrong}), ArgumentError);
  CHECK_THROWS_MATCHES(metrics::BinaryAccuracy({.threshold = 1}), ArgumentError,
                       Message("BinaryAccuracy: the threshold is above 0 and below 1, got 1."));
}

TEST_CASE("Categorical accuracies compare the largest, the first one among equals", "[metrics][categorical_accuracy]") {
  const Tensor<float> p({3, 3}, {0.2f, 0.5f, 0.3f, 0.4f, 0.4f, 0.2f, 0.1f, 0.1f, 0.8f});
  CHECK(metric_of("categorical_accuracy", Tensor<float>({3, 3}, {0, 1, 0, 0, 1, 0, 0, 0, 1}), p) == 2.0 / 3);
  CHECK(metric_of("categorical_accuracy", Tensor<float>({3, 3}, {0, 1, 0, 1, 0, 0, 0, 0, 1}), p) == 1);
  CHECK(metric_of("sparse_categorical_accuracy", Tensor<float>({3}, {1, 1, 2}), p) == 2.0 / 3);
  CHECK(metric_of("sparse_categorical_accuracy", Tensor<float>({3, 1}, {1, 0, 7}), p) == 2.0 / 3);
}

TEST_CASE("A class is among the top k if fewer than k scores are above its own", "[metrics][top_k]") {
  const Tensor<float> p({4, 4}, {0.1f, 0.2f, 0.3f, 0.4f, 0.3f, 0.3f, 0.3f, 0.1f, 0.1f, 0.2f, 0.3f, 0.4f, 1, 1, 1, 1});
  const Tensor<float> labels({4}, {2, 2, 0, 3});
  CHECK(metric_of(metrics::SparseTopKCategoricalAccuracy({.k = 1}), labels, p) == 0.5);
  CHECK(metric_of(metrics::SparseTopKCategoricalAccuracy({.k = 2}), labels, p) == 0.75);
  CHECK(metric_of(metrics::SparseTopKCategoricalAccuracy({.k = 9}), labels, p) == 1);
  const Tensor<float> hot({4, 4}, {0, 0, 1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 1});
  CHECK(metric_of(metrics::TopKCategoricalAccuracy({.k = 2}), hot, p) == 0.75);
  CHECK(metrics::TopKCategoricalAccuracy().options().k == 5);
}

TEST_CASE("No class outside the scores, and none of a row that is not finite, is in the top k", "[metrics][top_k]") {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const Tensor<float> p({4, 2}, {1, 2, 1, 2, 1, nan, 1, 2});
  CHECK(metric_of(metrics::SparseTopKCategoricalAccuracy({.k = 2}), Tensor<float>({4}, {2, -1, 0, nan}), p) == 0);
  CHECK_THROWS_MATCHES(metrics::SparseTopKCategoricalAccuracy({.k = 0}), ArgumentError,
                       Message("SparseTopKCategoricalAccuracy: k is at least 1, got 0."));
  CHECK_THROWS_AS(metrics::TopKCategoricalAccuracy({.k = -1}), ArgumentError);
}
