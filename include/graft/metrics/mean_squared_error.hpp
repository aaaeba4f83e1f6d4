#pragma once
#include <cmath>
#include <graft/metrics/row_metric.hpp>

namespace graft::metrics {

namespace detail {

inline double mean_square(const Row& row) {
  double sum = 0;
  for (std::size_t j = 0; j < row.p.size(); ++j) sum += (row.p[j] - row.t[j]) * (row.p[j] - row.t[j]);
  return sum / static_cast<double>(row.p.size());
}

}  // namespace detail

/// The mean of (y_pred - y_true)^2: over the last axis, then over samples. y_true and y_pred (.., n).
class MeanSquaredError final : public RowMetric<MeanSquaredError, MetricOptions> {
 public:
  static constexpr std::string_view keras_names[] = {"MeanSquaredError", "mean_squared_error", "mse", "MSE"};
  static constexpr bool higher_is_better = false;

  explicit MeanSquaredError(MetricOptions options = {}) : RowMetric(std::move(options)) {}

  double value(const Row& row) const override { return detail::mean_square(row); }
};

/// The square root of the mean of (y_pred - y_true)^2 over all that was seen. y_true and y_pred (.., n).
class RootMeanSquaredError final : public RowMetric<RootMeanSquaredError, MetricOptions> {
 public:
  static constexpr std::string_view keras_names[] = {"RootMeanSquaredError", "root_mean_squared_error"};
  static constexpr bool higher_is_better = false;

  explicit RootMeanSquaredError(MetricOptions options = {}) : RowMetric(std::move(options)) {}

  double value(const Row& row) const override { return detail::mean_square(row); }
  double finish(double mean) const override { return std::sqrt(mean); }
};

}  // namespace graft::metrics
