#pragma once
#include <algorithm>
#include <graft/core/thread_pool.hpp>
#include <graft/losses/loss_function.hpp>
#include <graft/losses/row_shapes.hpp>
#include <span>
#include <string_view>
#include <utility>

namespace graft::losses {

/// Makes a LossFunction of a class that has, as templates on the scalar,
///   S value(std::span<const S> t, std::span<const S> p) const                 the loss of one row
///   void gradient(std::span<const S> t, std::span<const S> p, S dloss, std::span<S> dp) const      dp is written
///   static constexpr std::string_view keras_names[]                           class name, log name, aliases
/// and may hide matched(), on_batch(), fields() and check() below. Options holds at least reduction and name.
template <class Derived, class Options>
class RowLoss : public LossFunction {
 public:
  explicit RowLoss(Options options) : options_(std::move(options)) {
    if (options_.name.empty()) options_.name = Derived::keras_names[1];
  }

  std::string class_name() const override { return std::string(Derived::keras_names[0]); }
  std::string name() const override { return options_.name; }
  Reduction reduction() const override { return options_.reduction; }
  const Options& options() const { return options_; }

  void config(ConfigVisitor& c) override {
    c("name", options_.name);
    c("reduction", options_.reduction);
    derived().fields(c);
    derived().check();
  }
  Shape loss_shape(const Shape& y_true, const Shape& y_pred) const override {
    return detail::without_back(derived().matched(y_true, y_pred));
  }
  void forward(View<const float> t, View<const float> p, View<float> loss) const override { values(t, p, loss); }
  void forward(View<const double> t, View<const double> p, View<double> loss) const override { values(t, p, loss); }
  void backward(View<const float> t, View<const float> p, View<const float> dloss, View<float> dp) const override {
    gradients(t, p, dloss, dp);
  }
  void backward(View<const double> t, View<const double> p, View<const double> dloss, View<double> dp) const override {
    gradients(t, p, dloss, dp);
  }

 protected:
  /// y_pred's shape once its rank fits y_true's, or ShapeError.
  Shape matched(const Shape& y_true, const Shape& y_pred) const {
    return matched_shape(Derived::keras_names[0], y_true, y_pred);
  }
  /// What has value() and gradient() for this batch; a loss that depends on the whole batch returns another object.
  template <class S>
  const Derived& on_batch(View<const S>) const {
    return derived();
  }
  void fields(ConfigVisitor&) {}
  void check() const {}

  Options options_;

 private:
  // About 20 microseconds of work for one thread.
  static constexpr Index block = 4096;

  Derived& derived() { return static_cast<Derived&>(*this); }
  const Derived& derived() const { return static_cast<const Derived&>(*this); }

  template <class F>
  static void each_row(Index rows, Index columns, F&& f) {
    const Index step = std::max<Index>(1, block / columns);
    thread_pool().each((rows + step - 1) / step, [&](Index i, Index) {
      for (Index r = i * step; r < std::min(rows, (i + 1) * step); ++r) f(r);
    });
  }
  template <class S>
  static std::span<S> row(View<S> view, Index r, Index columns) {
    return {view.data + r * columns, to_size(columns)};
  }
  void check_losses(const Shape& losses, Index rows) const {
    if (losses.elements() != rows)
      raise<ShapeError>(class_name(), ": there are ", rows, " rows, but the losses have the shape ", losses, ".");
  }

  template <class S>
  void values(View<const S> t, View<const S> p, View<S> loss) const {
    const Index columns = derived().matched(t.shape, p.shape).back(), rows = p.size() / columns;
    check_losses(loss.shape, rows);
    if (rows == 0) return;
    const Index targets = t.size() / rows;
    decltype(auto) batch = derived().on_batch(t);
    each_row(rows, columns, [&](Index r) { loss.data[r] = batch.value(row(t, r, targets), row(p, r, columns)); });
  }
  template <class S>
  void gradients(View<const S> t, View<const S> p, View<const S> dloss, View<S> dp) const {
    const Index columns = derived().matched(t.shape, p.shape).back(), rows = p.size() / columns;
    check_losses(dloss.shape, rows);
    if (dp.shape != p.shape)
      raise<ShapeError>(class_name(), ": the gradient of y_pred ", p.shape, " has the shape ", dp.shape, ".");
    if (rows == 0) return;
    const Index targets = t.size() / rows;
    decltype(auto) batch = derived().on_batch(t);
    each_row(rows, columns, [&](Index r) {
      batch.gradient(row(t, r, targets), row(p, r, columns), dloss.data[r], row(dp, r, columns));
    });
  }
};

}  // namespace graft::losses
