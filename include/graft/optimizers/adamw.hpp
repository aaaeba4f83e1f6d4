#pragma once
#include <graft/optimizers/adam.hpp>

namespace graft::optimizers {

struct AdamWOptions {
  LearningRate learning_rate = 0.001;
  std::optional<double> weight_decay = 0.004;
  double beta_1 = 0.9;
  double beta_2 = 0.999;
  double epsilon = 1e-7;
  bool amsgrad = false;
  std::optional<double> clipnorm = {};
  std::optional<double> clipvalue = {};
  std::optional<double> global_clipnorm = {};
  bool use_ema = false;
  double ema_momentum = 0.99;
  std::optional<Index> ema_overwrite_frequency = {};
  std::string name = {};
};

/// Adam with decoupled weight decay: w -= w weight_decay lr, then Adam's step. Throws ArgumentError if a beta is
/// outside 0..1 or there is no weight_decay. Loshchilov and Hutter 2019. Source: keras/src/optimizers/adamw.py.
class AdamW final : public AdamRule<AdamW, AdamWOptions> {
 public:
  static constexpr std::string_view keras_names[] = {"AdamW", "adamw"};

  explicit AdamW(AdamWOptions options = {}) : AdamRule(std::move(options)) { check(); }

  void check() const {
    AdamRule::check();
    if (!options_.weight_decay) raise<ArgumentError>("AdamW: weight_decay must be a number; for none use Adam.");
  }
};

}  // namespace graft::optimizers
