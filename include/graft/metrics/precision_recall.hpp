#pragma once
#include <algorithm>
#include <graft/metrics/metric_function.hpp>
#include <graft/metrics/rows.hpp>
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

/// Counts decisions: each number of y_pred that is above the threshold says "positive", and a target that is not 0 is.
template <class Metric>
class DecisionState final : public MetricState {
 public:
  explicit DecisionState(PrecisionOptions options) : options_(std::move(options)) {}

  void reset() override { seen_ = {}; }
  void update(View<const float> t, View<const float> p, View<const float> w) override { add(t, p, w); }
  void update(View<const double> t, View<const double> p, View<const double> w) override { add(t, p, w); }
  double result() const override { return Metric::ratio(seen_); }

 private:
  template <class S>
  void add(View<const S> t, View<const S> p, View<const S> w) {
    Metric::check_shapes(options_, t.shape, p.shape);
    const Rows rows = rows_of(p.shape);
    const Index share = rows_per_weight(Metric::keras_names[0], rows, w);
    std::vector<bool> positive;
    for (Index r = 0; r < rows.count(); ++r) {
      decide(p.data + r * rows.columns, rows.columns, positive);
      const double weight = w ? static_cast<double>(w.data[r / share]) : 1;
      for (Index j = 0; j < rows.columns; ++j) {
        if (options_.class_id && *options_.class_id != j) continue;
        const bool truth = t.data[r * rows.columns + j] != 0, said = positive[to_size(j)];
        if (said) (truth ? seen_.true_positives : seen_.false_positives) += weight;
        if (!said && truth) seen_.false_negatives += weight;
      }
    }
  }
  template <class S>
  void decide(const S* p, Index columns, std::vector<bool>& positive) const {
    positive.assign(to_size(columns), !options_.top_k);
    if (options_.top_k) {
      std::vector<Index> order(to_size(columns));
      for (Index j = 0; j < columns; ++j) order[to_size(j)] = j;
      // Stable: among equals the first ones are the largest.
      std::stable_sort(order.begin(), order.end(), [p](Index a, Index b) { return p[a] > p[b]; });
      for (Index i = 0; i < std::min(*options_.top_k, columns); ++i) positive[to_size(order[to_size(i)])] = true;
      if (!options_.thresholds) return;
    }
    const S threshold = static_cast<S>(options_.thresholds.value_or(0.5));
    for (Index j = 0; j < columns; ++j) positive[to_size(j)] = positive[to_size(j)] && p[j] > threshold;
  }

  PrecisionOptions options_;
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
    check_shapes(options_, y_true, y_pred);
    return std::make_unique<DecisionState<Derived>>(options_);
  }

  static void check_shapes(const PrecisionOptions& options, const Shape& y_true, const Shape& y_pred) {
    check_targets(Derived::keras_names[0], y_true, y_pred, Targets::values);
    if (options.class_id && y_pred.back() != None && *options.class_id >= rows_of(y_pred).columns)
      raise<ArgumentError>(Derived::keras_names[0], ": class_id ", *options.class_id, " is not in y_pred ", y_pred,
                           ".");
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
