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

  template <class S>
  double value(std::span<const S> t, std::span<const S> p) const {
    double sum = 0;
    for (std::size_t j = 0; j < p.size(); ++j) sum += static_cast<double>(std::abs(p[j] - t[j]));
    return sum / static_cast<double>(p.size());
  }
};

}  // namespace graft::metrics
