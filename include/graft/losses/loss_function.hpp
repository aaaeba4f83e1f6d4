#pragma once
#include <algorithm>
#include <graft/core/any_view.hpp>
#include <graft/core/config_visitor.hpp>
#include <graft/core/row.hpp>
#include <graft/core/thread_pool.hpp>
#include <graft/losses/reduction.hpp>
#include <graft/losses/row_shapes.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace graft::losses {

/// How far predictions are from targets: one value for each row of y_pred's last axis, computed in double. Stateless;
/// the same bits for a row alone and in a batch. To write a loss of your own derive from RowLoss or ElementLoss.
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

  /// The loss of one row.
  virtual double value(const Row& row) const = 0;
  /// Writes d value / d p.
  virtual void gradient(const Row& row, std::span<double> dp) const = 0;
  /// Rows with this label are left out of the reduction; their loss is 0.
  virtual std::optional<double> ignored_label() const { return std::nullopt; }
  /// The same loss reading the values before `activation` ("softmax", "sigmoid") instead of the probabilities after
  /// it; exact where the clipped formula saturates. Null if this loss has no such form.
  virtual std::shared_ptr<LossFunction> on_logits(std::string_view activation) const {
    (void)activation;
    return nullptr;
  }

  /// The shape of the losses: y_pred's without its last axis. Ranks are matched as Keras does: a trailing axis of 1 is
  /// dropped or added, so y_true (batch,) fits y_pred (batch, 1). Axes may be None. Throws ShapeError.
  Shape loss_shape(const Shape& y_true, const Shape& y_pred) const {
    return detail::without_back(matched(y_true, y_pred));
  }
  /// Writes one loss per row, before any weight and reduction. Throws ShapeError if a shape does not fit.
  void forward(AnyConstView t, AnyConstView p, AnyView loss) const {
    each_row(t, p, loss.shape(), [&](const Row& row, Index r) { loss.set(r, value(row)); });
  }
  /// Writes d/dy_pred of sum(dloss * loss). dy_pred must not overlap y_pred.
  void backward(AnyConstView t, AnyConstView p, AnyConstView dloss, AnyView dp) const {
    if (dp.shape() != p.shape())
      raise<ShapeError>(class_name(), ": the gradient of y_pred ", p.shape(), " has the shape ", dp.shape(), ".");
    each_row(t, p, dloss.shape(), [&](const Row& row, Index r) {
      thread_local std::vector<double> memory;
      const Index n = static_cast<Index>(row.p.size());
      const std::span<double> to = dp.edit(r * n, n, memory);
      gradient(row, to);
      for (double& d : to) d *= dloss[r];
      dp.write(r * n, to);
    });
  }

 protected:
  /// y_pred's shape once its rank fits y_true's, or ShapeError.
  virtual Shape matched(const Shape& y_true, const Shape& y_pred) const {
    return matched_shape(class_name(), y_true, y_pred);
  }

 private:
  // About 20 microseconds of work for one thread.
  static constexpr Index block = 4096;

  template <class F>
  void each_row(AnyConstView t, AnyConstView p, const Shape& losses, F&& f) const {
    const Index columns = matched(t.shape(), p.shape()).back(), rows = p.size() / columns;
    if (losses.elements() != rows)
      raise<ShapeError>(class_name(), ": there are ", rows, " rows, but the losses have the shape ", losses, ".");
    if (rows == 0) return;
    const Index targets = t.size() / rows, step = std::max<Index>(1, block / columns);
    Index ones_or_zeros = 0;
    while (ones_or_zeros < t.size() && (t[ones_or_zeros] == 0 || t[ones_or_zeros] == 1)) ++ones_or_zeros;
    thread_pool().each((rows + step - 1) / step, [&](Index i, Index) {
      thread_local std::vector<double> t_memory, p_memory;
      for (Index r = i * step; r < std::min(rows, (i + 1) * step); ++r)
        f(Row{t.read(r * targets, targets, t_memory), p.read(r * columns, columns, p_memory), p.is_single(),
              ones_or_zeros == t.size()},
          r);
    });
  }
};

/// What every loss can be given.
struct LossOptions {
  Reduction reduction = Reduction::sum_over_batch_size;
  std::string name = {};  ///< empty: the class's snake_case name
};

}  // namespace graft::losses
