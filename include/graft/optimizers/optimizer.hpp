#pragma once
#include <concepts>
#include <graft/core/named.hpp>
#include <graft/optimizers/adam.hpp>
#include <graft/optimizers/adamw.hpp>
#include <graft/optimizers/rmsprop.hpp>
#include <graft/optimizers/sgd.hpp>

namespace graft {

namespace optimizers {

/// The optimizer of a Keras name, in any case: "adam", "Adam". Throws ArgumentError for another.
inline std::shared_ptr<UpdateRule> make(std::string_view name) {
  return make_one_of<UpdateRule, SGD, RMSprop, Adam, AdamW>({.who = "Optimizer", .kind = "optimizer", .any_case = true},
                                                            name);
}

}  // namespace optimizers

/// What compile() takes as an optimizer: a name ("rmsprop"), or optimizers::X({..}), also of a class of your own. A
/// handle: copies share the learning rate and the step count, clone() does not.
class Optimizer {
 public:
  Optimizer(const char* name) : Optimizer(std::string(name)) {}
  Optimizer(const std::string& name) : Optimizer(optimizers::make(name)) {}
  template <std::derived_from<optimizers::UpdateRule> T>
  Optimizer(const T& rule) : Optimizer(rule.clone()) {}

  /// The same options, the learning rate of now, and no step taken.
  Optimizer clone() const {
    Optimizer copy(state_->rule->clone());
    copy.state_->excluded = state_->excluded;
    return copy;
  }

  std::string name() const { return state_->rule->name(); }
  const optimizers::UpdateRule& rule() const { return *state_->rule; }

  /// Of the next step.
  double learning_rate() const { return state_->rule->learning_rate().at(state_->iterations); }
  /// Throws StateError if the rate follows a schedule.
  void set_learning_rate(double rate) const {
    if (state_->rule->learning_rate().is_schedule())
      raise<StateError>("Optimizer '", name(),
                        "': the learning rate follows a schedule and cannot be set. Compile with ",
                        "a number to change it later.");
    state_->rule->set_learning_rate(rate);
  }
  /// Steps taken.
  long iterations() const { return state_->iterations; }
  void set_iterations(long n) const { state_->iterations = n; }
  /// What update() needs for the next step.
  optimizers::StepInfo step() const { return {iterations(), learning_rate(), true}; }

  /// Weight decay leaves variables alone whose name contains one of these, such as {"bias", "gamma"}.
  void exclude_from_weight_decay(std::vector<std::string> var_names) const { state_->excluded = std::move(var_names); }
  bool decays(std::string_view variable) const {
    for (const std::string& part : state_->excluded)
      if (variable.find(part) != std::string_view::npos) return false;
    return true;
  }

  /// State tensors per variable, and their names.
  Index slots() const { return static_cast<Index>(slot_names().size()); }
  std::vector<std::string> slot_names() const { return state_->rule->slot_names(); }
  /// True if the last slot is an average that fit() copies into the weights at its end.
  bool use_ema() const { return state_->rule->use_ema(); }

  /// Limits all gradients of a step, before any update(); does nothing without a clipping option.
  template <class S>
  void clip(std::span<const View<S>> gradients) const {
    optimizers::clip_gradients(gradients, state_->rule->clipping());
  }
  /// One step of one variable; see UpdateRule::update. Does not count the step: set_iterations() does.
  template <class S>
  void update(View<S> w, View<const S> g, std::span<const View<S>> slots, const optimizers::StepInfo& step) const {
    state_->rule->update(w, g, slots, step);
  }

  /// {"class_name", "config"} as Keras writes it.
  void visit(ConfigVisitor& c, std::string_view field) {
    std::string class_name = state_->rule->class_name();
    c.object(field, "keras.optimizers", class_name, [&](ConfigVisitor& fields) {
      if (c.reading()) *this = Optimizer(class_name);
      state_->rule->config(fields);
    });
  }

 private:
  struct State {
    std::shared_ptr<optimizers::UpdateRule> rule;
    long iterations = 0;
    std::vector<std::string> excluded = {};
  };
  explicit Optimizer(std::shared_ptr<optimizers::UpdateRule> rule) : state_(std::make_shared<State>()) {
    state_->rule = std::move(rule);
  }

  std::shared_ptr<State> state_;
};

}  // namespace graft
