#pragma once
#include <concepts>
#include <functional>
#include <graft/training/callback.hpp>
#include <graft/training/callbacks/console.hpp>
#include <graft/training/callbacks/python_number.hpp>
#include <type_traits>

namespace graft::callbacks {

struct LearningRateSchedulerOptions {
  int verbose = 0;  ///< 1 says what the rate is set to
};

/// Sets the learning rate at the begin of every epoch to schedule(epoch, rate) or schedule(epoch): epoch counts from 0,
/// rate is the present one. The schedule returns a floating-point number; 1 / 10 would be an integer, 0, and does not
/// compile. Logs "learning_rate". Throws ArgumentError from fit() if the rate is negative or not finite.
/// Source: keras/src/callbacks/learning_rate_scheduler.py.
class LearningRateScheduler final : public Callback {
 public:
  template <std::invocable<int, double> Schedule>
  requires std::floating_point<std::invoke_result_t<Schedule, int, double>>
  explicit LearningRateScheduler(Schedule schedule, LearningRateSchedulerOptions options = {})
      : state_(std::make_shared<State>(State{std::move(schedule), options.verbose})) {}
  template <std::invocable<int> Schedule>
  requires(
      std::floating_point<std::invoke_result_t<Schedule, int>> &&
      !std::invocable<Schedule, int, double>) explicit LearningRateScheduler(Schedule schedule,
                                                                             LearningRateSchedulerOptions options = {})
      : LearningRateScheduler([schedule = std::move(schedule)](int epoch, double) mutable { return schedule(epoch); },
                              options) {}
  std::shared_ptr<Callback> share() const override { return std::make_shared<LearningRateScheduler>(*this); }

  void on_epoch_begin(int epoch, Logs&) override {
    const double rate = state_->schedule(epoch, model().optimizer().learning_rate());
    if (!std::isfinite(rate) || rate < 0)
      raise<ArgumentError>(
          "LearningRateScheduler: a learning rate is finite and not negative, but the schedule returned ", rate,
          " for epoch ", epoch, ".");
    model().optimizer().set_learning_rate(rate);
    if (state_->verbose > 0)
      detail::print("\nEpoch ", epoch + 1, ": LearningRateScheduler setting learning rate to ",
                    detail::python_number(rate), ".");
  }
  void on_epoch_end(int, Logs& logs) override { logs["learning_rate"] = model().optimizer().learning_rate(); }

 private:
  struct State {
    std::function<double(int, double)> schedule;
    int verbose;
  };
  std::shared_ptr<State> state_;
};

}  // namespace graft::callbacks
