#pragma once
#include <graft/core/config_visitor.hpp>
#include <graft/core/view.hpp>
#include <graft/losses/reduction.hpp>
#include <memory>
#include <string>
#include <string_view>

namespace graft::losses {

/// How far predictions are from targets: one value for each row of y_pred's last axis. Stateless; the same bits for a
/// row alone and in a batch. To write a loss of your own derive from RowLoss or ElementLoss.
class LossFunction {
 public:
  virtual ~LossFunction() = default;

  /// As Keras's class: "CategoricalCrossentropy".
  virtual std::string class_name() const = 0;
  /// As it appears in logs: "categorical_crossentropy".
  virtual std::string name() const = 0;
  virtual Reduction reduction() const = 0;
  /// Keras's get_config: name, reduction and the options of the class. Throws ArgumentError if what was read is wrong.
  virtual void config(ConfigVisitor& c) = 0;

  /// The shape of the losses: y_pred's without its last axis. Ranks are matched as Keras does: a trailing axis of 1 is
  /// dropped or added, so y_true (batch,) fits y_pred (batch, 1). Axes may be None. Throws ShapeError.
  virtual Shape loss_shape(const Shape& y_true, const Shape& y_pred) const = 0;

  /// Writes one loss per row, before any weight and reduction. Throws ShapeError if a shape does not fit.
  virtual void forward(View<const float> y_true, View<const float> y_pred, View<float> loss) const = 0;
  virtual void forward(View<const double> y_true, View<const double> y_pred, View<double> loss) const = 0;
  /// Writes d/dy_pred of sum(dloss * loss). dy_pred must not overlap y_pred.
  virtual void backward(View<const float> y_true, View<const float> y_pred, View<const float> dloss,
                        View<float> dy_pred) const = 0;
  virtual void backward(View<const double> y_true, View<const double> y_pred, View<const double> dloss,
                        View<double> dy_pred) const = 0;

  /// The same loss reading the values before `activation` ("softmax", "sigmoid") instead of the probabilities after
  /// it; exact where the clipped formula saturates. Null if this loss has no such form.
  virtual std::shared_ptr<LossFunction> on_logits(std::string_view activation) const {
    (void)activation;
    return nullptr;
  }
};

/// What every loss can be given.
struct LossOptions {
  Reduction reduction = Reduction::sum_over_batch_size;
  std::string name = {};  ///< empty: the class's snake_case name
};

}  // namespace graft::losses
