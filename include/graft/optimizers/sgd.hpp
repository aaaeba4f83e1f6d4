#pragma once
#include <graft/optimizers/elementwise_rule.hpp>

namespace graft::optimizers {

struct SGDOptions {
  LearningRate learning_rate = 0.01;
  double momentum = 0;
  bool nesterov = false;
  std::optional<double> weight_decay = {};
  std::optional<double> clipnorm = {};
  std::optional<double> clipvalue = {};
  std::optional<double> global_clipnorm = {};
  bool use_ema = false;
  double ema_momentum = 0.99;
  std::optional<Index> ema_overwrite_frequency = {};
  std::string name = {};
};

/// Gradient descent: w -= lr g. With momentum mu, m = mu m - lr g, then w += m, or with nesterov w += mu m - lr g.
/// Slot: momentum, if mu is not 0. Throws ArgumentError if momentum is outside 0..1.
/// Source: keras/src/optimizers/sgd.py.
class SGD final : public ElementwiseRule<SGD, SGDOptions> {
 public:
  static constexpr std::string_view keras_names[] = {"SGD", "sgd"};

  explicit SGD(SGDOptions options = {}) : ElementwiseRule(std::move(options)) { check(); }

  std::vector<std::string> rule_slots() const {
    return options_.momentum == 0 ? std::vector<std::string>{} : std::vector<std::string>{"momentum"};
  }
  template <class V>
  GRAFT_INLINE void step(Elements<V>& e, const V& rate) const {
    const V change = -rate * e.g, mu = options_.momentum;
    if (options_.momentum == 0) {
      e.w += change;
      return;
    }
    const V m = mu * e.slot(0) + change;
    e.set_slot(0, m);
    e.w += options_.nesterov ? mu * m + change : m;
  }
  void fields(ConfigVisitor& c) {
    c("momentum", options_.momentum);
    c("nesterov", options_.nesterov);
  }
  void check() const { check_fraction("momentum", options_.momentum); }
};

}  // namespace graft::optimizers
