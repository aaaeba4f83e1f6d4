#pragma once
#include <algorithm>
#include <cmath>
#include <graft/optimizers/schedules/schedule.hpp>

namespace graft::optimizers::schedules {

struct PolynomialDecayOptions {
  double initial_learning_rate = 0.01;
  Index decay_steps = 0;  ///< must be given
  double end_learning_rate = 0.0001;
  double power = 1;
  bool cycle = false;  ///< start over, over twice, three times .. as many steps
};

/// (initial - end) (1 - min(step, n) / n)^power + end over n = decay_steps steps. Throws ArgumentError if
/// decay_steps < 1.
class PolynomialDecay final : public ScheduleOf<PolynomialDecay, PolynomialDecayOptions> {
 public:
  static constexpr std::string_view keras_names[] = {"PolynomialDecay"};

  explicit PolynomialDecay(PolynomialDecayOptions options) : ScheduleOf(options) { check(); }

  double rate(double step) const {
    double steps = static_cast<double>(options_.decay_steps);
    if (options_.cycle) steps *= std::max(1.0, std::ceil(step / steps));
    const double left = 1 - std::min(step, steps) / steps, end = options_.end_learning_rate;
    return (options_.initial_learning_rate - end) * std::pow(left, options_.power) + end;
  }
  void fields(ConfigVisitor& c) {
    c("initial_learning_rate", options_.initial_learning_rate);
    c("decay_steps", options_.decay_steps);
    c("end_learning_rate", options_.end_learning_rate);
    c("power", options_.power);
    c("cycle", options_.cycle);
  }
  void check() const { require_decay_steps(); }
};

}  // namespace graft::optimizers::schedules
