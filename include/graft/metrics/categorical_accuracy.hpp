#pragma once
#include <algorithm>
#include <graft/metrics/row_metric.hpp>

namespace graft::metrics {

/// The share of rows whose largest prediction is where the largest target is; the first one counts among equals.
/// y_true (one-hot) and y_pred (.., classes). Source: keras/src/metrics/accuracy_metrics.py.
class CategoricalAccuracy final : public RowMetric<CategoricalAccuracy, MetricOptions> {
 public:
  static constexpr std::string_view keras_names[] = {"CategoricalAccuracy", "categorical_accuracy"};
  static constexpr bool higher_is_better = true;

  explicit CategoricalAccuracy(MetricOptions options = {}) : RowMetric(std::move(options)) {}

  double value(const Row& row) const override {
    const auto label = std::max_element(row.t.begin(), row.t.end()) - row.t.begin();
    return label == std::max_element(row.p.begin(), row.p.end()) - row.p.begin() ? 1 : 0;
  }
};

}  // namespace graft::metrics
