#pragma once
#include <cmath>
#include <graft/optimizers/elementwise_rule.hpp>

namespace graft::optimizers {

struct AdamOptions {
  LearningRate learning_rate = 0.001;
  double beta_1 = 0.9;
  double beta_2 = 0.999;
  double epsilon = 1e-7;
  bool amsgrad = false;
  std::optional<double> weight_decay = {};
  std::optional<double> clipnorm = {};
  std::optional<double> clipvalue = {};
  std::optional<double> global_clipnorm = {};
  bool use_ema = false;
  double ema_momentum = 0.99;
  std::optional<Index> ema_overwrite_frequency = {};
  std::string name = {};
};

/// Adam's rule for the optimizers that use it. With t = iteration + 1:
///   m += (g - m) (1 - beta_1)      v += (g^2 - v) (1 - beta_2)      h = v, or amsgrad h = max(h, v)
///   w -= lr sqrt(1 - beta_2^t) / (1 - beta_1^t) m / (sqrt(h) + epsilon)
/// epsilon is not corrected for the start. Slots: momentum m, velocity v; velocity_hat h, if amsgrad.
template <class Derived, class Options>
class AdamRule : public ElementwiseRule<Derived, Options> {
 public:
  explicit AdamRule(Options options) : ElementwiseRule<Derived, Options>(std::move(options)) { check(); }

  std::vector<std::string> rule_slots() const {
    if (options_.amsgrad) return {"momentum", "velocity", "velocity_hat"};
    return {"momentum", "velocity"};
  }
  double rate(const StepInfo& step) const {
    const double t = static_cast<double>(step.iteration + 1);
    return step.learning_rate * std::sqrt(1 - std::pow(options_.beta_2, t)) / (1 - std::pow(options_.beta_1, t));
  }
  template <class V>
  GRAFT_INLINE void step(Elements<V>& e, const V& rate) const {
    const V m = e.slot(0), v = e.slot(1);
    const V next_m = m + (e.g - m) * (1 - options_.beta_1), next_v = v + (e.g * e.g - v) * (1 - options_.beta_2);
    e.set_slot(0, next_m);
    e.set_slot(1, next_v);
    V h = next_v;
    if (options_.amsgrad) {
      h = max(e.slot(2), next_v);
      e.set_slot(2, h);
    }
    e.w = e.w - rate * next_m / (sqrt(h) + options_.epsilon);
  }
  void fields(ConfigVisitor& c) {
    c("beta_1", options_.beta_1);
    c("beta_2", options_.beta_2);
    c("epsilon", options_.epsilon);
    c("amsgrad", options_.amsgrad);
  }
  void check() const {
    this->check_fraction("beta_1", options_.beta_1);
    this->check_fraction("beta_2", options_.beta_2);
  }

 protected:
  using ElementwiseRule<Derived, Options>::options_;
};

/// Adam: see AdamRule for the formulas. Throws ArgumentError if a beta is outside 0..1. Kingma and Ba 2015; amsgrad:
/// Reddi et al. 2018. Source: keras/src/optimizers/adam.py.
class Adam final : public AdamRule<Adam, AdamOptions> {
 public:
  static constexpr std::string_view keras_names[] = {"Adam", "adam"};

  explicit Adam(AdamOptions options = {}) : AdamRule(std::move(options)) {}
};

}  // namespace graft::optimizers
