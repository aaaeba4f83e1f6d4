#pragma once
#include <graft/training/callback.hpp>
#include <graft/training/callbacks/interrupts.hpp>
#include <graft/training/callbacks/monitor.hpp>

namespace graft::callbacks {

struct StopOnInterruptOptions {
  bool restore_best_weights = true;  ///< after Ctrl-C the model gets the weights of the best epoch so far
  std::string monitor = "val_loss";
  std::string mode = "auto";  ///< "min", "max", or "auto": as the monitored loss or metric wants it
};

/// Lets Ctrl-C end fit() instead of the program. While fit() runs, SIGINT is caught: the batch is finished, the epoch
/// ends early with its validation, the best weights so far come back, and fit() returns. A second Ctrl-C ends the
/// program at once. Afterwards, also if fit() throws, the old handler of SIGINT is back. interrupted() tells the
/// program whether to go on:
///     callbacks::StopOnInterrupt stop;
///     model.fit(train, {.validation_data = val, .callbacks = {stop}});
///     if (stop.interrupted()) return 0;
/// Without Ctrl-C it changes nothing. Where the monitored value is not logged, the weights stay as they are. Throws
/// ArgumentError for an unknown mode, and from fit() if "auto" does not know the direction.
class StopOnInterrupt final : public Callback {
 public:
  explicit StopOnInterrupt(StopOnInterruptOptions options = {})
      : state_(std::make_shared<State>(
            State{options, detail::Monitor("StopOnInterrupt", options.monitor, options.mode)})) {}
  std::shared_ptr<Callback> share() const override { return std::make_shared<StopOnInterrupt>(*this); }

  /// Whether Ctrl-C ended the last fit(), or came while it ended by itself.
  bool interrupted() const { return state_->interrupted; }

  void on_train_begin(Logs&) override {
    State& s = *state_;
    if (s.options.restore_best_weights) s.monitor.start(model());
    s.interrupted = false;
    s.best.reset();
    s.best_weights.reset();
    interrupts_ = std::make_shared<detail::Interrupts>();
  }
  void on_epoch_begin(int epoch, Logs&) override { state_->epoch = epoch + 1; }
  void on_train_batch_end(Index, Logs&) override { stop_if_raised("after this batch"); }
  void on_epoch_end(int, Logs& logs) override {
    State& s = *state_;
    stop_if_raised("after this epoch");
    const auto value = s.options.restore_best_weights ? s.monitor.find(logs) : std::nullopt;
    if (!value || !s.monitor.improves(*value, s.best)) return;
    s.best = value;
    s.best_epoch = s.epoch;
    s.best_weights = model().copy_weights();
  }
  void on_train_end(Logs&) override {
    State& s = *state_;
    stop_if_raised("now");
    interrupts_.reset();
    if (s.interrupted && s.options.restore_best_weights) restore();
    s.best_weights.reset();
  }

 private:
  struct State {
    StopOnInterruptOptions options;
    detail::Monitor monitor;
    bool interrupted = false;
    int epoch = 1, best_epoch = 1;  ///< counted from 1
    std::optional<double> best = {};
    std::shared_ptr<const void> best_weights = {};
  };

  void stop_if_raised(const char* when) {
    State& s = *state_;
    if (s.interrupted || !interrupts_->raised()) return;
    s.interrupted = true;
    model().stop_training() = true;
    detail::tell("\nCtrl-C: training stops ", when, ", in epoch ", s.epoch, ". Ctrl-C again ends the program at once.");
  }
  void restore() {
    State& s = *state_;
    if (s.best_weights) {
      model().restore_weights(s.best_weights);
      detail::tell("Ctrl-C: the weights are those of the best epoch, ", s.best_epoch, " (", s.monitor.name(), " ",
                   *s.best, ").");
    } else {
      detail::tell("Ctrl-C: the weights stay as they are: no epoch logged '", s.monitor.name(), "'.");
    }
  }

  std::shared_ptr<State> state_;
  // Not in the shared state: fit()'s copy goes when fit() throws, and the handler with it, while the user's copy stays.
  std::shared_ptr<detail::Interrupts> interrupts_;
};

}  // namespace graft::callbacks
