#pragma once
#include <cmath>
#include <graft/metrics/row_metric.hpp>

namespace graft::metrics {

/// The mean of |y_pred - y_true|: over the last axis, then over samples. y_true and y_pred (.., n).
class MeanAbsoluteError final : public RowMetric<MeanAbsoluteError, MetricOptions> {
 public:
  static constexpr std::string_view keras_names[] = {"MeanAbsoluteError", "mean_absolute_error", "mae", "MAE"};
  static constexpr bool higher_is_better = false;

  explicit MeanAbsoluteError(MetricOptions options = {}) : RowMetric(std::move(options)) {}

  double value(const Row& row) const override {
    double sum = 0;
    for (std::size_t j = 0; j < row.p.size(); ++j) sum += std::abs(row.p[j] - row.t[j]);
    return sum / static_cast<double>(row.p.size());
  }
};

}  // namespace graft::metrics
