#pragma once
#include <algorithm>
#include <graft/training/callback.hpp>
#include <graft/training/progress_text.hpp>
#include <iostream>
#include <limits>
#include <utility>

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
      write("Epoch " + std::to_string(epoch + 1) + "/" + std::to_string(params().epochs) + "\n");
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
    double start = 0, after_first_step = 0, last_drawn = 0;
    std::size_t width = 0;                                    ///< columns of what stands on the line now
    std::vector<std::pair<std::string, double>> values = {};  ///< in the order in which they are written
  };

  void write(const std::string& text) const { *state_->out << text << std::flush; }

  void start() {
    State& s = *state_;
    s.seen = 0;
    s.start = s.clock();
    s.last_drawn = -std::numeric_limits<double>::infinity();
    s.width = 0;
    s.values.clear();
  }
  void start_alone() {
    state_->target = params().steps;
    start();
  }
  void step(Index batch, const Logs& logs) {
    State& s = *state_;
    const double now = s.clock();
    s.seen = batch + 1;
    for (const auto& [name, value] : logs) show(name, value);
    if (params().verbose != 1) return;
    if (s.seen == 1) s.after_first_step = now;
    if (now - s.last_drawn < progress::redraw_interval) return;
    s.last_drawn = now;
    write(progress::redraw(line(now, false), s.width));
  }
  void finish(const Logs& logs) {
    State& s = *state_;
    if (s.target == None) s.target = s.seen;
    // Keras's order: what the batches logged, the validation, and what callbacks added.
    for (const auto& [name, value] : logs)
      if (name.starts_with("val_")) show(name, value);
    for (const auto& [name, value] : logs) show(name, value);
    const double now = s.clock();
    if (params().verbose == 1) write(progress::redraw(line(now, true), s.width) + "\n");
    if (params().verbose == 2 && s.target > 0) {
      const std::string elapsed = progress::rounded(now - s.start) + "s";
      write(progress::count(s.seen, s.target) + " - " + elapsed + " - " + pace(now) + metrics() + "\n");
    }
  }

  void show(const std::string& name, double value) {
    auto& values = state_->values;
    const auto known = std::find_if(values.begin(), values.end(), [&](const auto& v) { return v.first == name; });
    if (known == values.end())
      values.emplace_back(name, value);
    else
      known->second = value;
  }

  /// Seconds per step. A bar leaves out the first step, which allocates, as soon as there is another.
  double step_seconds(double now) const {
    const State& s = *state_;
    if (s.seen == 0) return 0;
    const bool leave_out = params().verbose == 1 && s.seen > 1;
    return (now - (leave_out ? s.after_first_step : s.start)) / static_cast<double>(s.seen - (leave_out ? 1 : 0));
  }
  std::string pace(double now) const { return progress::time_per_step(step_seconds(now)); }
  std::string metrics() const {
    std::string text;
    for (const auto& [name, value] : state_->values)
      text += " - " + name + ": " + progress::metric(value, params().verbose);
    return text;
  }
  std::string line(double now, bool finished) const {
    const State& s = *state_;
    const bool known = s.target > 0;
    const std::string seen = std::to_string(s.seen);
    const std::string steps =
        known ? progress::bold(progress::count(s.seen, s.target)) + " " + progress::bar(s.seen, s.target)
              : std::string(7 - std::min<std::size_t>(7, seen.size()), ' ') + seen + "/Unknown";
    const std::string time = known && !finished
                                 ? progress::remaining(step_seconds(now) * static_cast<double>(s.target - s.seen))
                                 : progress::rounded(now - s.start) + "s";
    return steps + " " + progress::bold(time) + " " + pace(now) + metrics();
  }

  std::shared_ptr<State> state_;
};

}  // namespace graft
