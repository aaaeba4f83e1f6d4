#pragma once
#include <algorithm>
#include <cmath>
#include <graft/metrics/metric_function.hpp>
#include <graft/metrics/rows.hpp>
#include <utility>
#include <vector>

namespace graft::metrics {

struct AUCOptions {
  Index num_thresholds = 200;
  std::string curve = "ROC";                       ///< or "PR"
  std::string summation_method = "interpolation";  ///< "minoring", "majoring"
  bool from_logits = false;
  std::string name = {};
};

namespace detail {

inline double ratio_or_zero(double a, double b) { return b == 0 ? 0 : a / b; }

/// Counts of positive and negative targets by the bucket of their prediction, and the area they make.
class AUCState final : public MetricState {
 public:
  explicit AUCState(AUCOptions options) : options_(std::move(options)) { AUCState::reset(); }

  void reset() override {
    const std::size_t n = to_size(options_.num_thresholds);
    positives_.assign(n, 0);
    negatives_.assign(n, 0);
    all_positives_ = all_negatives_ = 0;
  }
  void update(const AnyConstView& t, const AnyConstView& p, const AnyConstView& w) override {
    const double steps = static_cast<double>(options_.num_thresholds - 1);
    each_row("AUC", Targets::values, t, p, w, [&](const Row& row, double weight) {
      for (std::size_t j = 0; j < row.p.size(); ++j) {
        const bool truth = row.t[j] != 0;
        (truth ? all_positives_ : all_negatives_) += weight;
        const double score = options_.from_logits ? row.rounded(1 / (1 + std::exp(-row.p[j]))) : row.p[j];
        if (!(score == score)) continue;  // not a number: above no threshold
        // Rounded as the scores are: a score of 0.7f counts as 7 tenths of the steps.
        const double bucket = std::ceil(row.rounded(std::clamp(score, 0.0, 1.0) * steps)) - 1;
        (truth ? positives_ : negatives_)[static_cast<std::size_t>(std::max(bucket, 0.0))] += weight;
      }
    });
  }
  double result() const override {
    const auto true_positives = at_thresholds(positives_), false_positives = at_thresholds(negatives_);
    const bool roc = options_.curve == "ROC";
    double area = 0;
    for (std::size_t i = 0; i + 1 < true_positives.size(); ++i)
      area += !roc && options_.summation_method == "interpolation" ? interpolated(true_positives, false_positives, i)
                                                                   : rectangle(true_positives, false_positives, roc, i);
    return area;
  }

 private:
  /// How many are at or above each threshold.
  static std::vector<double> at_thresholds(std::vector<double> buckets) {
    for (std::size_t i = buckets.size() - 1; i-- > 0;) buckets[i] += buckets[i + 1];
    return buckets;
  }
  /// Between thresholds i and i + 1: the step along x times a height.
  double rectangle(const std::vector<double>& tp, const std::vector<double>& fp, bool roc, std::size_t i) const {
    const auto recall = [&](std::size_t k) { return ratio_or_zero(tp[k], all_positives_); };
    const auto x = [&](std::size_t k) { return roc ? ratio_or_zero(fp[k], all_negatives_) : recall(k); };
    const auto y = [&](std::size_t k) { return roc ? recall(k) : ratio_or_zero(tp[k], tp[k] + fp[k]); };
    const double a = y(i), b = y(i + 1);
    const double height = options_.summation_method == "interpolation" ? (a + b) / 2
                          : options_.summation_method == "minoring"    ? std::min(a, b)
                                                                       : std::max(a, b);
    return (x(i) - x(i + 1)) * height;
  }
  /// Davis and Goadrich 2006, section 4: true positives grow linearly with all positives between two thresholds.
  double interpolated(const std::vector<double>& tp, const std::vector<double>& fp, std::size_t i) const {
    const double grown = tp[i] - tp[i + 1], p0 = tp[i] + fp[i], p1 = tp[i + 1] + fp[i + 1];
    const double slope = ratio_or_zero(grown, std::max(p0 - p1, 0.0)), intercept = tp[i + 1] - slope * p1;
    const double log_ratio = p0 > 0 && p1 > 0 ? std::log(p0 / p1) : 0;
    return ratio_or_zero(slope * (grown + intercept * log_ratio), std::max(all_positives_, 0.0));
  }

  AUCOptions options_;
  std::vector<double> positives_, negatives_;
  double all_positives_ = 0, all_negatives_ = 0;
};

}  // namespace detail

/// The area under the ROC curve (recall over false positive rate) or the PR curve (precision over recall), taken at
/// num_thresholds evenly spaced thresholds from 0 to 1; a score belongs to a threshold if it is above it. Every number
/// of y_pred counts. y_true and y_pred (.., n). Throws ArgumentError for fewer than 2 thresholds, an unknown curve or
/// summation method. Source: keras/src/metrics/confusion_metrics.py.
class AUC final : public MetricFunction {
 public:
  static constexpr std::string_view keras_names[] = {"AUC", "auc"};

  explicit AUC(AUCOptions options = {}) : options_(std::move(options)) {
    if (options_.name.empty()) options_.name = "auc";
    check();
  }

  std::string class_name() const override { return "AUC"; }
  std::string name() const override { return options_.name; }
  void set_name(std::string name) override { options_.name = std::move(name); }
  bool maximize() const override { return true; }
  const AUCOptions& options() const { return options_; }
  void config(ConfigVisitor& c) override {
    c("name", options_.name);
    c("num_thresholds", options_.num_thresholds);
    c("curve", options_.curve);
    c("summation_method", options_.summation_method);
    c("from_logits", options_.from_logits);
    check();
  }
  std::unique_ptr<MetricState> create(const Shape& y_true, const Shape& y_pred) const override {
    check_targets("AUC", y_true, y_pred, Targets::values);
    return std::make_unique<detail::AUCState>(options_);
  }

 private:
  void check() const {
    const auto& method = options_.summation_method;
    if (options_.num_thresholds < 2)
      raise<ArgumentError>("AUC: num_thresholds is at least 2, got ", options_.num_thresholds, ".");
    if (options_.curve != "ROC" && options_.curve != "PR")
      raise<ArgumentError>("AUC: the curve is \"ROC\" or \"PR\", got \"", options_.curve, "\".");
    if (method != "interpolation" && method != "minoring" && method != "majoring")
      raise<ArgumentError>("AUC: summation_method is \"interpolation\", \"minoring\" or \"majoring\", got \"", method,
                           "\".");
  }

  AUCOptions options_;
};

}  // namespace graft::metrics
