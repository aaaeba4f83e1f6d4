#pragma once
#include <graft/core/config_visitor.hpp>
#include <graft/core/error.hpp>
#include <string>
#include <string_view>
#include <utility>

namespace graft::optimizers::schedules {

/// A learning rate that changes with the optimizer's steps. To write one of your own derive from ScheduleOf.
class LearningRateSchedule {
 public:
  virtual ~LearningRateSchedule() = default;

  /// As Keras's class: "ExponentialDecay".
  virtual std::string class_name() const = 0;
  /// Keras's get_config. Throws ArgumentError if what was read is wrong.
  virtual void config(ConfigVisitor& c) = 0;
  /// The rate of step `step`, counted from 0.
  virtual double at(long step) const = 0;
};

/// Makes a LearningRateSchedule of a class that has
///   double rate(double step) const
///   void fields(ConfigVisitor& c), void check() const, static constexpr std::string_view keras_names[]
template <class Derived, class Options>
class ScheduleOf : public LearningRateSchedule {
 public:
  explicit ScheduleOf(Options options) : options_(std::move(options)) {}

  /// What config() can be read into.
  static Derived unread() {
    Options options;
    options.decay_steps = 1;
    return Derived(options);
  }

  std::string class_name() const override { return std::string(Derived::keras_names[0]); }
  const Options& options() const { return options_; }
  void config(ConfigVisitor& c) override {
    static_cast<Derived&>(*this).fields(c);
    static_cast<const Derived&>(*this).check();
  }
  double at(long step) const override { return static_cast<const Derived&>(*this).rate(static_cast<double>(step)); }

 protected:
  /// Throws ArgumentError unless the schedule was told how many steps it takes.
  void require_decay_steps() const {
    if (options_.decay_steps < 1)
      raise<ArgumentError>(Derived::keras_names[0], ": decay_steps is at least 1, got ", options_.decay_steps, ".");
  }

  Options options_;
};

}  // namespace graft::optimizers::schedules
