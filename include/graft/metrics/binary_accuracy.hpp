#pragma once
#include <graft/metrics/row_metric.hpp>

namespace graft::metrics {

struct BinaryAccuracyOptions {
  double threshold = 0.5;
  std::string name = {};
};

/// The share of predictions on the right side: y_true is 1 where y_pred > threshold, else 0. y_true and y_pred (.., n),
/// averaged over n. Throws ArgumentError unless the threshold is above 0 and below 1.
/// Source: keras/src/metrics/accuracy_metrics.py.
class BinaryAccuracy final : public RowMetric<BinaryAccuracy, BinaryAccuracyOptions> {
 public:
  static constexpr std::string_view keras_names[] = {"BinaryAccuracy", "binary_accuracy"};
  static constexpr bool higher_is_better = true;

  explicit BinaryAccuracy(BinaryAccuracyOptions options = {}) : RowMetric(std::move(options)) { check(); }

  double value(const Row& row) const override {
    const double threshold = row.rounded(options_.threshold);
    Index right = 0;
    for (std::size_t j = 0; j < row.p.size(); ++j) right += row.t[j] == static_cast<double>(row.p[j] > threshold);
    return static_cast<double>(right) / static_cast<double>(row.p.size());
  }
  void fields(ConfigVisitor& c) { c("threshold", options_.threshold); }
  void check() const {
    if (!(options_.threshold > 0 && options_.threshold < 1))
      raise<ArgumentError>("BinaryAccuracy: the threshold is above 0 and below 1, got ", options_.threshold, ".");
  }
};

}  // namespace graft::metrics
