#pragma once
#include <concepts>
#include <graft/core/named.hpp>
#include <graft/metrics/auc.hpp>
#include <graft/metrics/binary_accuracy.hpp>
#include <graft/metrics/categorical_accuracy.hpp>
#include <graft/metrics/crossentropy.hpp>
#include <graft/metrics/mean_absolute_error.hpp>
#include <graft/metrics/mean_squared_error.hpp>
#include <graft/metrics/precision_recall.hpp>
#include <graft/metrics/sparse_categorical_accuracy.hpp>
#include <graft/metrics/top_k_categorical_accuracy.hpp>
#include <optional>

namespace graft {

namespace metrics {

/// The metric of a Keras name: class name, snake_case name or alias ("mse", "MSE"). Throws ArgumentError for another.
inline std::shared_ptr<MetricFunction> make(std::string_view name) {
  return make_one_of<MetricFunction, BinaryAccuracy, CategoricalAccuracy, SparseCategoricalAccuracy,
                     TopKCategoricalAccuracy, SparseTopKCategoricalAccuracy, MeanSquaredError, MeanAbsoluteError,
                     RootMeanSquaredError, CategoricalCrossentropy, SparseCategoricalCrossentropy, BinaryCrossentropy,
                     Precision, Recall, AUC>({"Metric", "metric", "accuracy"}, name);
}

}  // namespace metrics

/// What compile() takes as a metric: a name ("accuracy", "mse"), which is then also the key in logs, or
/// metrics::X({..}), also of a class of your own. "accuracy" and "acc", in any case, stand for the accuracy that fits
/// the shapes: see resolve().
class Metric {
 public:
  Metric(const char* name) : Metric(std::string(name)) {}
  Metric(const std::string& name) : name_(name) {
    if (same_but_case(name, "accuracy") || same_but_case(name, "acc")) return;
    function_ = metrics::make(name);
    function_->set_name(name);
  }
  template <std::derived_from<metrics::MetricFunction> T>
  Metric(const T& function) : function_(std::make_shared<T>(function)) {}

  /// As Keras's class: "MeanSquaredError"; "accuracy" until it is resolved.
  std::string class_name() const { return function_ ? function_->class_name() : name_; }
  /// The key in logs and in History.
  std::string name() const { return function_ ? function_->name() : name_; }
  /// True if more is better.
  bool maximize() const { return !function_ || function_->maximize(); }

  /// This metric; for "accuracy" the one that fits: binary if y_pred's last axis is 1, sparse categorical if y_true has
  /// fewer axes than y_pred or a last axis of 1, else categorical. The key stays.
  Metric resolve(const Shape& y_true, const Shape& y_pred) const {
    Metric metric = *this;
    if (function_) return metric;
    const bool sparse = y_true.rank() < y_pred.rank() || (!y_true.empty() && y_true.back() == 1);
    const bool binary = !y_pred.empty() && y_pred.back() == 1;
    metric.function_ = metrics::make(binary   ? "binary_accuracy"
                                     : sparse ? "sparse_categorical_accuracy"
                                              : "categorical_accuracy");
    metric.function_->set_name(name_);
    return metric;
  }
  /// A fresh state for targets and predictions of these shapes, whose axes may be None. Throws ShapeError if the metric
  /// cannot read them.
  std::unique_ptr<metrics::MetricState> create(const Shape& y_true, const Shape& y_pred) const {
    return resolve(y_true, y_pred).function_->create(y_true, y_pred);
  }
  /// The same metric on the values before `activation`, which is what Keras computes where the activation is the last
  /// step; nothing if it has no such form.
  std::optional<Metric> on_logits(std::string_view activation) const {
    auto function = function_ ? function_->on_logits(activation) : nullptr;
    if (!function) return std::nullopt;
    Metric metric = *this;
    metric.function_ = std::move(function);
    return metric;
  }

  /// {"class_name", "config"} as Keras writes it.
  void visit(ConfigVisitor& c, std::string_view field) {
    std::string name = class_name();
    c.object(field, "keras.metrics", name, [&](ConfigVisitor& fields) {
      if (c.reading()) *this = Metric(name);
      if (function_) function_->config(fields);
    });
  }

 private:
  std::shared_ptr<metrics::MetricFunction> function_;
  std::string name_;
};

}  // namespace graft
