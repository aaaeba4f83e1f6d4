#pragma once
#include <algorithm>
#include <cmath>
#include <graft/metrics/row_metric.hpp>

namespace graft::metrics {

struct TopKOptions {
  Index k = 5;
  std::string name = {};
};

namespace detail {

/// True if fewer than k scores are above the class's own, so that ties count as hits; false for a class that is not
/// there and for a score that is not finite. As TensorFlow's in_top_k.
inline bool in_top_k(std::span<const double> scores, double label, Index k) {
  if (!(label >= 0 && label < static_cast<double>(scores.size()))) return false;
  const double own = scores[static_cast<std::size_t>(label)];
  if (!std::all_of(scores.begin(), scores.end(), [](double v) { return std::isfinite(v); })) return false;
  return std::count_if(scores.begin(), scores.end(), [own](double v) { return v > own; }) < k;
}
inline void check_k(std::string_view who, Index k) {
  if (k < 1) raise<ArgumentError>(who, ": k is at least 1, got ", k, ".");
}

}  // namespace detail

/// The share of rows whose class, the largest target, is among the k largest predictions; ties count as hits. y_true
/// (one-hot) and y_pred (.., classes). Throws ArgumentError if k < 1. Source: keras/src/metrics/accuracy_metrics.py.
class TopKCategoricalAccuracy final : public RowMetric<TopKCategoricalAccuracy, TopKOptions> {
 public:
  static constexpr std::string_view keras_names[] = {"TopKCategoricalAccuracy", "top_k_categorical_accuracy"};
  static constexpr bool higher_is_better = true;

  explicit TopKCategoricalAccuracy(TopKOptions options = {}) : RowMetric(std::move(options)) { check(); }

  double value(const Row& row) const override {
    const auto label = std::max_element(row.t.begin(), row.t.end()) - row.t.begin();
    return detail::in_top_k(row.p, static_cast<double>(label), options_.k) ? 1 : 0;
  }
  void fields(ConfigVisitor& c) { c("k", options_.k); }
  void check() const { detail::check_k(keras_names[0], options_.k); }
};

/// The share of rows whose class index is among the k largest predictions; ties count as hits. y_pred (.., classes),
/// y_true (..) or (.., 1). Throws ArgumentError if k < 1. Source: keras/src/metrics/accuracy_metrics.py.
class SparseTopKCategoricalAccuracy final : public RowMetric<SparseTopKCategoricalAccuracy, TopKOptions> {
 public:
  static constexpr std::string_view keras_names[] = {"SparseTopKCategoricalAccuracy",
                                                     "sparse_top_k_categorical_accuracy"};
  static constexpr bool higher_is_better = true;

  explicit SparseTopKCategoricalAccuracy(TopKOptions options = {}) : RowMetric(std::move(options)) { check(); }

  double value(const Row& row) const override { return detail::in_top_k(row.p, row.t[0], options_.k) ? 1 : 0; }
  Targets targets() const override { return Targets::class_index; }
  void fields(ConfigVisitor& c) { c("k", options_.k); }
  void check() const { detail::check_k(keras_names[0], options_.k); }
};

}  // namespace graft::metrics
