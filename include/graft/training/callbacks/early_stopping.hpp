#pragma once
#include <graft/training/callback.hpp>
#include <graft/training/callbacks/monitor.hpp>

namespace graft::callbacks {

/// Names, order and defaults of keras.callbacks.EarlyStopping.
struct EarlyStoppingOptions {
  std::string monitor = "val_loss";
  double min_delta = 0;                 ///< a change of no more than this is no improvement
  int patience = 0;                     ///< epochs without improvement after which training stops; 0 is the same as 1
  int verbose = 0;                      ///< 1 says when it stops and what it restores
  std::string mode = "auto";            ///< "min", "max", or "auto": as the monitored loss or metric wants it
  std::optional<double> baseline = {};  ///< until it is beaten, an improvement does not restart the patience
  bool restore_best_weights = false;
  int start_from_epoch = 0;  ///< epochs before this one, counted from 0, are not looked at
};

/// Ends fit() when the monitored value has not improved for `patience` epochs. With restore_best_weights the model
/// has the weights of the best epoch afterwards, also if training ran to its end. A first value of NaN counts as the
/// best and is never beaten, as in Keras. Throws ArgumentError for an unknown mode, and from fit() if "auto" does not
/// know the direction. Source: keras/src/callbacks/early_stopping.py.
class EarlyStopping final : public Callback {
 public:
  explicit EarlyStopping(EarlyStoppingOptions options = {})
      : state_(std::make_shared<State>(
            State{options, detail::Monitor("EarlyStopping", options.monitor, options.mode, options.min_delta)})) {}
  std::shared_ptr<Callback> share() const override { return std::make_shared<EarlyStopping>(*this); }

  /// Number, from 0, of the epoch after which it stopped the last fit(); 0 if it did not.
  int stopped_epoch() const { return state_->stopped_epoch; }
  /// Number, from 0, of the best epoch of the last fit(), and the monitored value then; nothing if none was looked at.
  int best_epoch() const { return state_->best_epoch; }
  std::optional<double> best() const { return state_->best; }

  void on_train_begin(Logs&) override {
    State& s = *state_;
    s.monitor.start(model());
    s.wait = s.stopped_epoch = s.best_epoch = 0;
    s.best.reset();
    s.best_weights.reset();
  }

  void on_epoch_end(int epoch, Logs& logs) override {
    State& s = *state_;
    const auto value = s.monitor.value(logs, "training is not stopped early");
    if (!value || epoch < s.options.start_from_epoch) return;
    ++s.wait;
    if (s.monitor.improves(*value, s.best)) {
      s.best = value;
      s.best_epoch = epoch;
      if (s.options.restore_best_weights) s.best_weights = model().copy_weights();
      if (!s.options.baseline || s.monitor.improves(*value, s.options.baseline)) s.wait = 0;
    } else if (s.wait >= s.options.patience && epoch > 0) {
      s.stopped_epoch = epoch;
      model().stop_training() = true;
    }
  }

  void on_train_end(Logs&) override {
    State& s = *state_;
    const bool talks = s.options.verbose > 0;
    if (talks && s.stopped_epoch > 0) detail::print("Epoch ", s.stopped_epoch + 1, ": early stopping");
    if (!s.best_weights) return;
    if (talks) detail::print("Restoring model weights from the end of the best epoch: ", s.best_epoch + 1, ".");
    model().restore_weights(s.best_weights);
    s.best_weights.reset();
  }

 private:
  struct State {
    EarlyStoppingOptions options;
    detail::Monitor monitor;
    int wait = 0, stopped_epoch = 0, best_epoch = 0;
    std::optional<double> best = {};
    std::shared_ptr<const void> best_weights = {};
  };
  std::shared_ptr<State> state_;
};

}  // namespace graft::callbacks
