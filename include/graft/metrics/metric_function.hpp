#pragma once
#include <graft/core/any_view.hpp>
#include <graft/core/config_visitor.hpp>
#include <memory>
#include <string>
#include <string_view>

namespace graft::metrics {

/// A metric at work: what one epoch or one evaluation has seen so far, summed in double.
class MetricState {
 public:
  virtual ~MetricState() = default;

  virtual void reset() = 0;
  /// Takes a batch in. `weights` is null, one per sample (batch,), or one per row of y_pred's last axis. Throws
  /// ShapeError if a shape does not fit; nothing is taken in then.
  virtual void update(const AnyConstView& y_true, const AnyConstView& y_pred, const AnyConstView& weights) = 0;
  void update(const AnyConstView& y_true, const AnyConstView& y_pred) { update(y_true, y_pred, {}); }
  /// The value over all batches since reset(); 0 before the first.
  virtual double result() const = 0;
};

/// What is measured: options only, no state. To write a metric of your own that is a mean derive from RowMetric.
class MetricFunction {
 public:
  virtual ~MetricFunction() = default;

  /// As Keras's class: "CategoricalAccuracy".
  virtual std::string class_name() const = 0;
  /// The key in logs and in History.
  virtual std::string name() const = 0;
  virtual void set_name(std::string name) = 0;
  /// True if more is better: how callbacks read the metric in mode "auto".
  virtual bool maximize() const = 0;
  /// Keras's get_config. Throws ArgumentError if what was read is wrong.
  virtual void config(ConfigVisitor& c) = 0;
  /// A fresh state for targets and predictions of these shapes, whose axes may be None. Throws ShapeError if the metric
  /// cannot read them.
  virtual std::unique_ptr<MetricState> create(const Shape& y_true, const Shape& y_pred) const = 0;

  /// The same metric reading the values before `activation` ("softmax", "sigmoid") instead of the probabilities after
  /// it. Null if this metric has no such form.
  virtual std::shared_ptr<MetricFunction> on_logits(std::string_view activation) const {
    (void)activation;
    return nullptr;
  }
};

}  // namespace graft::metrics
