#pragma once
#include <graft/optimizers/elementwise_rule.hpp>

namespace graft::optimizers {

struct RMSpropOptions {
  LearningRate learning_rate = 0.001;
  double rho = 0.9;
  double momentum = 0;
  double epsilon = 1e-7;
  bool centered = false;
  std::optional<double> weight_decay = {};
  std::optional<double> clipnorm = {};
  std::optional<double> clipvalue = {};
  std::optional<double> global_clipnorm = {};
  bool use_ema = false;
  double ema_momentum = 0.99;
  std::optional<Index> ema_overwrite_frequency = {};
  std::string name = {};
};

/// Divides the gradient by a running root mean square: v = rho v + (1 - rho) g^2, w -= lr g / sqrt(d + epsilon) with
/// d = v, or centered d = v - a^2, where a = rho a + (1 - rho) g. With momentum mu, b = mu b + that step and w -= b.
/// Slots: velocity v; momentum b, if mu > 0; average_gradient a, if centered. Throws ArgumentError if rho or momentum
/// is outside 0..1. Tieleman and Hinton 2012. Source: keras/src/optimizers/rmsprop.py.
class RMSprop final : public ElementwiseRule<RMSprop, RMSpropOptions> {
 public:
  static constexpr std::string_view keras_names[] = {"RMSprop", "rmsprop"};

  explicit RMSprop(RMSpropOptions options = {}) : ElementwiseRule(std::move(options)) { check(); }

  std::vector<std::string> rule_slots() const {
    std::vector<std::string> names{"velocity"};
    if (options_.momentum > 0) names.push_back("momentum");
    if (options_.centered) names.push_back("average_gradient");
    return names;
  }
  template <class V>
  GRAFT_INLINE void step(Elements<V>& e, const V& rate) const {
    const V rho = options_.rho, rest = 1 - options_.rho;
    const V v = rho * e.slot(0) + rest * e.g * e.g;
    e.set_slot(0, v);
    V variance = v;
    if (options_.centered) {
      const Index place = options_.momentum > 0 ? 2 : 1;
      const V a = rho * e.slot(place) + rest * e.g;
      e.set_slot(place, a);
      variance = v - a * a;
    }
    V change = rate * e.g / sqrt(variance + options_.epsilon);
    if (options_.momentum > 0) {
      change += e.slot(1) * options_.momentum;
      e.set_slot(1, change);
    }
    e.w = e.w - change;
  }
  void fields(ConfigVisitor& c) {
    c("rho", options_.rho);
    c("momentum", options_.momentum);
    c("epsilon", options_.epsilon);
    c("centered", options_.centered);
  }
  void check() const {
    check_fraction("rho", options_.rho);
    check_fraction("momentum", options_.momentum);
  }
};

}  // namespace graft::optimizers
