#pragma once
#include <graft/core/config_visitor.hpp>
#include <graft/core/view.hpp>
#include <graft/optimizers/clipping.hpp>
#include <graft/optimizers/learning_rate.hpp>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace graft::optimizers {

/// What an update knows besides the variable.
struct StepInfo {
  long iteration = 0;        ///< steps taken before this one
  double learning_rate = 0;  ///< of this step
  bool decay = true;         ///< false for a variable that is excluded from weight decay
};

/// How a variable moves along its gradient: options only. What it remembers of a variable lies in slots, tensors of the
/// variable's shape, zero at first, that the caller owns. To write one of your own derive from ElementwiseRule.
class UpdateRule {
 public:
  virtual ~UpdateRule() = default;

  /// As Keras's class: "SGD".
  virtual std::string class_name() const = 0;
  virtual std::string name() const = 0;
  /// Keras's get_config. Throws ArgumentError if what was read is wrong.
  virtual void config(ConfigVisitor& c) = 0;
  virtual std::shared_ptr<UpdateRule> clone() const = 0;

  virtual const LearningRate& learning_rate() const = 0;
  virtual void set_learning_rate(LearningRate rate) = 0;
  virtual Clipping clipping() const = 0;
  virtual bool use_ema() const = 0;
  /// The slots in order, by Keras's names: "momentum", "velocity". With use_ema the last one is "average".
  virtual std::vector<std::string> slot_names() const = 0;

  /// One step of one variable, in this order: weight decay w -= w weight_decay learning_rate, the rule, and with
  /// use_ema the moving average. g is read only, w and the slots are written. Requires that all have w's size; throws
  /// ArgumentError if not. Does not clip and does not apply constraints.
  virtual void update(View<float> w, View<const float> g, std::span<const View<float>> slots,
                      const StepInfo& step) const = 0;
  virtual void update(View<double> w, View<const double> g, std::span<const View<double>> slots,
                      const StepInfo& step) const = 0;
};

}  // namespace graft::optimizers
