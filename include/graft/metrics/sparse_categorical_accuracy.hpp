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
  static constexpr Targets targets = Targets::class_index;

  explicit SparseCategoricalAccuracy(MetricOptions options = {}) : RowMetric(std::move(options)) {}

  template <class S>
  double value(std::span<const S> t, std::span<const S> p) const {
    return t[0] == static_cast<S>(std::max_element(p.begin(), p.end()) - p.begin()) ? 1 : 0;
  }
};

}  // namespace graft::metrics
