#include <graft/metrics/crossentropy.hpp>

#include "metrics/evaluate.hpp"
#include "support/catch.hpp"

using namespace graft;

TEST_CASE("Crossentropies as metrics have the losses' formulas", "[metrics][crossentropy]") {
  const Tensor<double> p({1, 3}, {0.2, 0.5, 0.3}), hot({1, 3}, {0, 1, 0}), label({1}, {1});
  CHECK_THAT(metric_of("categorical_crossentropy", hot, p), WithinRel(std::log(2.0), 1e-15));
  CHECK_THAT(metric_of("sparse_categorical_crossentropy", label, p), WithinRel(std::log(2.0), 1e-15));
  const double binary = -(std::log(0.8) + std::log(0.5) + std::log(0.7)) / 3;
  CHECK_THAT(metric_of("bce", hot, p), WithinRel(binary, 1e-15));
  const double smooth = -(0.1 * std::log(0.2) + 0.8 * std::log(0.5) + 0.1 * std::log(0.3));
  CHECK_THAT(metric_of(metrics::CategoricalCrossentropy({.label_smoothing = 0.3}), hot, p), WithinRel(smooth, 1e-15));
}

TEST_CASE("Crossentropies clip probabilities and not logits", "[metrics][crossentropy]") {
  const Tensor<double> certain({1, 2}, {1, 0}), gap({1, 2}, {200, 0}), hot({1, 2}, {0, 1}), label({1}, {1});
  const Metric dense = "categorical_crossentropy", sparse = "sparse_categorical_crossentropy", binary = "bce";
  CHECK_THAT(metric_of(dense, hot, certain), WithinRel(16.118095650958319, 1e-15));
  CHECK_THAT(metric_of(sparse, label, certain), WithinRel(16.118095650958319, 1e-15));
  CHECK(metric_of(*dense.on_logits("softmax"), hot, gap) == 200);
  CHECK(metric_of(*sparse.on_logits("softmax"), label, gap) == 200);
  CHECK(metric_of(*binary.on_logits("sigmoid"), Tensor<double>({1, 1}, {0}), Tensor<double>({1, 1}, {200})) == 200);
  // No other form: the metric itself.
  CHECK_FALSE(dense.on_logits("sigmoid"));
  CHECK_FALSE(Metric("accuracy").on_logits("softmax"));
  CHECK(dense.on_logits("softmax")->name() == "categorical_crossentropy");
}

TEST_CASE("Crossentropy metrics refuse wrong options", "[metrics][crossentropy]") {
  CHECK_THROWS_MATCHES(metrics::BinaryCrossentropy({.label_smoothing = 2}), ArgumentError,
                       Message("BinaryCrossentropy: label_smoothing is from 0 to 1, got 2."));
  CHECK_THROWS_MATCHES(
      metrics::SparseCategoricalCrossentropy({.axis = 1}), ArgumentError,
      Message("SparseCategoricalCrossentropy: axis must be -1, the last one, got 1. Put a Permute layer "
              "before it."));
}
