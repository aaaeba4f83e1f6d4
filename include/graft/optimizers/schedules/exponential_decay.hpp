#pragma once
#include <cmath>
#include <graft/optimizers/schedules/schedule.hpp>

namespace graft::optimizers::schedules {

/// Options of ExponentialDecay and InverseTimeDecay.
struct DecayOptions {
  double initial_learning_rate = 0.01;
  Index decay_steps = 0;  ///< must be given
  double decay_rate = 1;
  bool staircase = false;  ///< only whole multiples of decay_steps count
};

/// What the two have in common.
template <class Derived>
class DecaySchedule : public ScheduleOf<Derived, DecayOptions> {
 public:
  explicit DecaySchedule(DecayOptions options) : ScheduleOf<Derived, DecayOptions>(options) { check(); }

  void fields(ConfigVisitor& c) {
    c("initial_learning_rate", options_.initial_learning_rate);
    c("decay_steps", options_.decay_steps);
    c("decay_rate", options_.decay_rate);
    c("staircase", options_.staircase);
  }
  void check() const { this->require_decay_steps(); }

 protected:
  using ScheduleOf<Derived, DecayOptions>::options_;

  double decays(double step) const {
    const double n = step / static_cast<double>(options_.decay_steps);
    return options_.staircase ? std::floor(n) : n;
  }
};

/// initial_learning_rate decay_rate^(step / decay_steps). Throws ArgumentError if decay_steps < 1.
class ExponentialDecay final : public DecaySchedule<ExponentialDecay> {
 public:
  static constexpr std::string_view keras_names[] = {"ExponentialDecay"};

  explicit ExponentialDecay(DecayOptions options) : DecaySchedule(options) {}

  double rate(double step) const {
    return options_.initial_learning_rate * std::pow(options_.decay_rate, decays(step));
  }
};

/// initial_learning_rate / (1 + decay_rate step / decay_steps). Throws ArgumentError if decay_steps < 1.
class InverseTimeDecay final : public DecaySchedule<InverseTimeDecay> {
 public:
  static constexpr std::string_view keras_names[] = {"InverseTimeDecay"};

  explicit InverseTimeDecay(DecayOptions options) : DecaySchedule(options) {}

  double rate(double step) const { return options_.initial_learning_rate / (1 + options_.decay_rate * decays(step)); }
};

}  // namespace graft::optimizers::schedules
