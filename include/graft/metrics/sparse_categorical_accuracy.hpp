#pragma once
#include <algorithm>
#include <graft/metrics/row_metric.hpp>

namespace graft::metrics {

/// The share of rows whose largest prediction is at the class index; the first one counts among equals. y_pred
/// (.., classes), y_true (..) or (.., 1). Source: keras/src/metrics/accuracy_metrics.py.
class SparseCategoricalAccuracy final : public RowMetric<SparseCategoricalAccuracy, MetricOptions> {
 public:
  static constexpr std::string_view keras_names[] = {"SparseCategoricalAccuracy", "sparse_categorical_accuracy"};
  static constexpr bool higher_is_better = true;

  explicit SparseCategoricalAccuracy(MetricOptions options = {}) : RowMetric(std::move(options)) {}

  double value(const Row& row) const override {
    return row.t[0] == static_cast<double>(std::max_element(row.p.begin(), row.p.end()) - row.p.begin()) ? 1 : 0;
  }
  Targets targets() const override { return Targets::class_index; }
};

}  // namespace graft::metrics
