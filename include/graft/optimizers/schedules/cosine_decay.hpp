#pragma once
#include <algorithm>
#include <cmath>
#include <graft/optimizers/schedules/schedule.hpp>
#include <numbers>
#include <optional>

namespace graft::optimizers::schedules {

struct CosineDecayOptions {
  double initial_learning_rate = 0.01;
  Index decay_steps = 0;  ///< must be given; without the steps of the warm-up
  double alpha = 0;       ///< the part of the rate that remains at the end
  std::optional<double> warmup_target = {};
  Index warmup_steps = 0;
};

/// from ((1 - alpha) (1 + cos(pi min(step, n) / n)) / 2 + alpha) over n = decay_steps steps, from being
/// initial_learning_rate. With a warmup_target the rate first goes there in a straight line over warmup_steps, and the
/// cosine starts from it. Throws ArgumentError if decay_steps < 1 or warmup_steps < 0. Loshchilov and Hutter 2017.
class CosineDecay final : public ScheduleOf<CosineDecay, CosineDecayOptions> {
 public:
  static constexpr std::string_view keras_names[] = {"CosineDecay"};

  explicit CosineDecay(CosineDecayOptions options) : ScheduleOf(options) { check(); }

  double rate(double step) const {
    const double initial = options_.initial_learning_rate, warmup = static_cast<double>(options_.warmup_steps);
    if (!options_.warmup_target) return initial * decayed(step);
    if (step < warmup) return initial + (*options_.warmup_target - initial) * step / warmup;
    return *options_.warmup_target * decayed(step - warmup);
  }
  void fields(ConfigVisitor& c) {
    c("initial_learning_rate", options_.initial_learning_rate);
    c("decay_steps", options_.decay_steps);
    c("alpha", options_.alpha);
    c("warmup_target", options_.warmup_target);
    c("warmup_steps", options_.warmup_steps);
  }
  void check() const {
    require_decay_steps();
    if (options_.warmup_steps < 0)
      raise<ArgumentError>("CosineDecay: warmup_steps is at least 0, got ", options_.warmup_steps, ".");
  }

 private:
  double decayed(double step) const {
    const double part = std::min(1.0, step / static_cast<double>(options_.decay_steps));
    return (1 - options_.alpha) * 0.5 * (1 + std::cos(std::numbers::pi * part)) + options_.alpha;
  }
};

}  // namespace graft::optimizers::schedules
