#pragma once
#include <algorithm>
#include <graft/metrics/metric_function.hpp>
#include <graft/metrics/rows.hpp>
#include <numeric>
#include <optional>
#include <utility>
#include <vector>

namespace graft::metrics {

struct PrecisionOptions {
  std::optional<double> thresholds = {};  ///< empty: 0.5, or with top_k none
  std::optional<Index> top_k = {};        ///< only the k largest predictions of a row can be positive
  std::optional<Index> class_id = {};     ///< only this column counts
  std::string name = {};
};
using RecallOptions = PrecisionOptions;

/// Weighted numbers of decisions.
struct Decisions {
  double true_positives = 0, false_positives = 0, false_negatives = 0;
};

/// Throws ShapeError or ArgumentError if a metric of decisions cannot read these shapes.
inline void check_decisions(std::string_view who, const PrecisionOptions& options, const Shape& y_true,
                            const Shape& y_pred) {
  check_targets(who, y_true, y_pred, Targets::values);
  if (options.class_id && y_pred.back() != None && *options.class_id >= rows_of(y_pred).columns)
    raise<ArgumentError>(who, ": class_id ", *options.class_id, " is not in y_pred ", y_pred, ".");
}

/// Counts decisions: each number of y_pred that is above the threshold says "positive", and a target that is not 0 is.
class DecisionState final : public MetricState {
 public:
  using Ratio = double (*)(const Decisions&);

  DecisionState(std::string_view who, PrecisionOptions options, Ratio ratio)
      : who_(who), options_(std::move(options)), ratio_(ratio) {}

  void reset() override { seen_ = {}; }
  void update(const AnyConstView& t, const AnyConstView& p, const AnyConstView& w) override {
    check_decisions(who_, options_, t.shape(), p.shape());
    std::vector<bool> positive;
    each_row(who_, Targets::values, t, p, w, [&](const Row& row, double weight) {
      decide(row, positive);
      for (std::size_t j = 0; j < row.p.size(); ++j) {
        if (options_.class_id && to_size(*options_.class_id) != j) continue;
        const bool truth = row.t[j] != 0, said = positive[j];
        if (said) (truth ? seen_.true_positives : seen_.false_positives) += weight;
        if (!said && truth) seen_.false_negatives += weight;
      }
    });
  }
  double result() const override { return ratio_(seen_); }

 private:
  void decide(const Row& row, std::vector<bool>& positive) const {
    positive.assign(row.p.size(), !options_.top_k);
    if (options_.top_k) {
      std::vector<std::size_t> order(row.p.size());
      std::iota(order.begin(), order.end(), std::size_t{0});
      // Stable: among equals the first ones are the largest.
      std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return row.p[a] > row.p[b]; });
      order.resize(std::min(to_size(*options_.top_k), order.size()));
      for (const std::size_t j : order) positive[j] = true;
      if (!options_.thresholds) return;
    }
    const double threshold = row.rounded(options_.thresholds.value_or(0.5));
    for (std::size_t j = 0; j < row.p.size(); ++j) positive[j] = positive[j] && row.p[j] > threshold;
  }

  std::string_view who_;
  PrecisionOptions options_;
  Ratio ratio_;
  Decisions seen_;
};

/// What Precision and Recall have in common. Throws ArgumentError for a threshold outside 0..1, a top_k below 1 and a
/// class_id that y_pred does not have.
template <class Derived>
class DecisionMetric : public MetricFunction {
 public:
  explicit DecisionMetric(PrecisionOptions options) : options_(std::move(options)) {
    if (options_.name.empty()) options_.name = Derived::keras_names[1];
    check();
  }

  std::string class_name() const override { return std::string(Derived::keras_names[0]); }
  std::string name() const override { return options_.name; }
  void set_name(std::string name) override { options_.name = std::move(name); }
  bool maximize() const override { return true; }
  const PrecisionOptions& options() const { return options_; }
  void config(ConfigVisitor& c) override {
    c("name", options_.name);
    c("thresholds", options_.thresholds);
    c("top_k", options_.top_k);
    c("class_id", options_.class_id);
    check();
  }
  std::unique_ptr<MetricState> create(const Shape& y_true, const Shape& y_pred) const override {
    check_decisions(Derived::keras_names[0], options_, y_true, y_pred);
    return std::make_unique<DecisionState>(Derived::keras_names[0], options_, &Derived::ratio);
  }

 private:
  void check() const {
    const auto& [thresholds, top_k, class_id, name] = options_;
    if (thresholds && !(*thresholds >= 0 && *thresholds <= 1))
      raise<ArgumentError>(Derived::keras_names[0], ": a threshold is from 0 to 1, got ", *thresholds, ".");
    if (top_k && *top_k < 1) raise<ArgumentError>(Derived::keras_names[0], ": top_k is at least 1, got ", *top_k, ".");
    if (class_id && *class_id < 0)
      raise<ArgumentError>(Derived::keras_names[0], ": class_id is at least 0, got ", *class_id, ".");
  }

  PrecisionOptions options_;
};

/// The share of positive decisions that are right: true / (true + false positives), 0 if there is none. Every number of
/// y_pred is a decision. y_true and y_pred (.., n). Source: keras/src/metrics/confusion_metrics.py.
class Precision final : public DecisionMetric<Precision> {
 public:
  static constexpr std::string_view keras_names[] = {"Precision", "precision"};

  explicit Precision(PrecisionOptions options = {}) : DecisionMetric(std::move(options)) {}

  static double ratio(const Decisions& d) {
    const double positives = d.true_positives + d.false_positives;
    return positives == 0 ? 0 : d.true_positives / positives;
  }
};

/// The share of true targets that were decided positive: true positives / (true positives + false negatives), 0 if
/// there is none. Every number of y_pred is a decision. y_true and y_pred (.., n).
/// Source: keras/src/metrics/confusion_metrics.py.
class Recall final : public DecisionMetric<Recall> {
 public:
  static constexpr std::string_view keras_names[] = {"Recall", "recall"};

  explicit Recall(RecallOptions options = {}) : DecisionMetric(std::move(options)) {}

  static double ratio(const Decisions& d) {
    const double truths = d.true_positives + d.false_negatives;
    return truths == 0 ? 0 : d.true_positives / truths;
  }
};

}  // namespace graft::metrics
