#include <graft/metrics/precision_recall.hpp>

#include "metrics/evaluate.hpp"
#include "support/catch.hpp"

using namespace graft;

namespace {

// Decisions at 0.5, strictly: 1 0 1 1 0; true positives 1, false positives 2, false negatives 1.
const Tensor<double> truths({5, 1}, {1, 1, 0, 0, 0}), scores({5, 1}, {0.9, 0.5, 0.8, 0.7, 0.1});

}  // namespace

TEST_CASE("Precision and recall count decisions strictly above the threshold", "[metrics][precision][recall]") {
  CHECK(metric_of("precision", truths, scores) == 1.0 / 3);
  CHECK(metric_of("recall", truths, scores) == 0.5);
  CHECK(metric_of(metrics::Precision({.thresholds = 0.75}), truths, scores) == 0.5);
  CHECK(metric_of(metrics::Recall({.thresholds = 0.4}), truths, scores) == 1);
}

TEST_CASE("0 / 0 is 0", "[metrics][precision][recall]") {
  const Tensor<double> zeros({2, 1}, {0, 0});
  CHECK(metric_of("precision", zeros, zeros) == 0);
  CHECK(metric_of("recall", zeros, zeros) == 0);
}

TEST_CASE("Every number of a row is a decision, with its sample's weight", "[metrics][precision][recall]") {
  const Tensor<double> t({2, 3}, {1, 0, 0, 0, 1, 1}), p({2, 3}, {0.9, 0.9, 0.1, 0.9, 0.9, 0.1});
  CHECK(metric_of("precision", t, p) == 0.5);
  CHECK(metric_of("recall", t, p) == 2.0 / 3);
  const Tensor<double> weights({2}, {3, 1});
  CHECK(metric_of("precision", t, p, weights) == 4.0 / 8);
  CHECK(metric_of("recall", t, p, weights) == 4.0 / 5);
}

TEST_CASE("class_id counts one column, top_k the largest of a row", "[metrics][precision][recall]") {
  const Tensor<double> t({2, 3}, {1, 0, 0, 0, 1, 1}), p({2, 3}, {0.3, 0.9, 0.1, 0.9, 0.4, 0.4});
  CHECK(metric_of(metrics::Recall({.class_id = 1}), t, p) == 0);
  CHECK(metric_of(metrics::Recall({.thresholds = 0.25, .class_id = 1}), t, p) == 1);
  // Largest two: columns 1 and 0 of the first row, 0 and 1 (before 2 among equals) of the second.
  CHECK(metric_of(metrics::Precision({.top_k = 2}), t, p) == 0.5);
  CHECK(metric_of(metrics::Recall({.top_k = 2}), t, p) == 2.0 / 3);
  CHECK(metric_of(metrics::Precision({.thresholds = 0.5, .top_k = 2}), t, p) == 0);
  CHECK(metric_of(metrics::Precision({.top_k = 9}), t, p) == 0.5);
}

TEST_CASE("Precision and recall refuse what they cannot count", "[metrics][precision][recall]") {
  CHECK_THROWS_MATCHES(metrics::Precision({.thresholds = 1.5}), ArgumentError,
                       Message("Precision: a threshold is from 0 to 1, got 1.5."));
  CHECK_THROWS_MATCHES(metrics::Recall({.top_k = 0}), ArgumentError, Message("Recall: top_k is at least 1, got 0."));
  CHECK_THROWS_MATCHES(metrics::Recall({.class_id = -1}), ArgumentError,
                       Message("Recall: class_id is at least 0, got -1."));
  CHECK_THROWS_MATCHES(metrics::Recall({.class_id = 3}).create({None, 3}, {None, 3}), ArgumentError,
                       Message("Recall: class_id 3 is not in y_pred (None, 3)."));
  CHECK_THROWS_AS(metrics::Precision().create({None}, {None, 3}), ShapeError);
}
