#pragma once
#include <concepts>
#include <graft/core/named.hpp>
#include <graft/optimizers/schedules/cosine_decay.hpp>
#include <graft/optimizers/schedules/exponential_decay.hpp>
#include <graft/optimizers/schedules/piecewise_constant_decay.hpp>
#include <graft/optimizers/schedules/polynomial_decay.hpp>
#include <memory>

namespace graft::optimizers {

namespace schedules {

/// The schedule of a Keras class name, with options that config() then replaces. Throws ArgumentError for another name.
inline std::shared_ptr<LearningRateSchedule> make(std::string_view name) {
  return make_one_of<LearningRateSchedule, ExponentialDecay, InverseTimeDecay, PolynomialDecay, CosineDecay,
                     PiecewiseConstantDecay>({.who = "LearningRate", .kind = "schedule", .told = 0}, name);
}

}  // namespace schedules

/// The length of a step: a number, or a schedule.
class LearningRate {
 public:
  template <std::floating_point F>
  LearningRate(F rate) : rate_(static_cast<double>(rate)) {}
  template <std::derived_from<schedules::LearningRateSchedule> T>
  LearningRate(const T& schedule) : schedule_(std::make_shared<T>(schedule)) {}

  bool is_schedule() const { return schedule_ != nullptr; }
  /// The rate of step `iteration`, counted from 0.
  double at(long iteration) const { return schedule_ ? schedule_->at(iteration) : rate_; }

  /// A number, or a schedule's {"class_name", "config"}, as Keras writes it.
  void visit(ConfigVisitor& c, std::string_view field) {
    if (c.reading()) {
      try {
        c(field, rate_);
        return;
      } catch (const ArgumentError&) {  // a reader's way to say that the field is not a number
      }
    } else if (!schedule_) {
      return c(field, rate_);
    }
    std::string name = schedule_ ? schedule_->class_name() : "";
    c.object(field, "keras.optimizers.schedules", name, [&](ConfigVisitor& fields) {
      if (c.reading()) schedule_ = schedules::make(name);
      schedule_->config(fields);
    });
  }

 private:
  double rate_ = 0;
  std::shared_ptr<schedules::LearningRateSchedule> schedule_;
};

}  // namespace graft::optimizers
