#pragma once
#include <graft/training/callback.hpp>
#include <graft/training/progress_meter.hpp>

namespace graft {

/// What fit(), evaluate() and predict() print, as Keras does: "Epoch 1/3" where there are several, then a bar (verbose
/// 1) or one line (verbose 2) with the time per step and the logs. fit() adds it after all other callbacks, so that it
/// shows what they log. An epoch that was cut short shows the steps done, where Keras claims all of them.
class ProgressBar final : public Callback {
 public:
  /// Writes to `out`, which has to live as long; `clock` tells the time in seconds.
  explicit ProgressBar(std::ostream& out = std::cout, Clock clock = steady_seconds)
      : state_(std::make_shared<State>(State{&out, std::move(clock)})) {}
  std::shared_ptr<Callback> share() const override { return std::make_shared<ProgressBar>(*this); }

  void on_train_begin(Logs&) override {
    state_->in_fit = true;
    state_->target = params().steps;
  }
  void on_train_end(Logs&) override { state_->in_fit = false; }
  void on_epoch_begin(int epoch, Logs&) override {
    start();
    if (params().verbose != 0 && params().epochs > 1)
      *state_->out << "Epoch " << epoch + 1 << "/" << params().epochs << std::endl;
  }
  void on_train_batch_end(Index batch, Logs& logs) override { step(batch, logs); }
  void on_epoch_end(int, Logs& logs) override { finish(logs); }

  // The validation inside fit() prints nothing of its own.
  void on_test_begin(Logs&) override {
    if (!state_->in_fit) start_alone();
  }
  void on_test_batch_end(Index batch, Logs& logs) override {
    if (!state_->in_fit) step(batch, logs);
  }
  void on_test_end(Logs& logs) override {
    if (!state_->in_fit) finish(logs);
  }
  void on_predict_begin(Logs&) override { start_alone(); }
  void on_predict_batch_end(Index batch, Logs&) override { step(batch, {}); }
  void on_predict_end(Logs&) override { finish({}); }

 private:
  struct State {
    std::ostream* out;
    Clock clock;
    bool in_fit = false;
    Index target = None;  ///< steps of an epoch; learnt in the first one where nobody knows
    Index seen = 0;
    std::optional<progress::Meter> meter = {};
  };

  void start() {
    State& s = *state_;
    s.seen = 0;
    s.meter.emplace(s.target, params().verbose, *s.out, s.clock);
  }
  void start_alone() {
    state_->target = params().steps;
    start();
  }
  void step(Index batch, const Logs& logs) {
    state_->seen = batch + 1;
    if (params().verbose == 1)
      state_->meter->update(state_->seen, logs);
    else
      state_->meter->show(logs);
  }
  void finish(const Logs& logs) {
    State& s = *state_;
    if (s.target == None) s.meter->set_target(s.target = s.seen);
    // Keras's order: what the batches logged, then the validation, then what callbacks added.
    Logs validation;
    for (const auto& log : logs)
      if (log.first.starts_with("val_")) validation.insert(log);
    s.meter->show(validation);
    s.meter->finish(s.seen, logs);
  }

  std::shared_ptr<State> state_;
};

}  // namespace graft
