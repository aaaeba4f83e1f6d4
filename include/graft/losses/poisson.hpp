#pragma once
#include <cmath>
#include <graft/losses/element_loss.hpp>
#include <graft/ops/crossentropy.hpp>

namespace graft::losses {

/// mean_j p_j - t_j ln(p_j + 1e-7) over the last axis. y_true and y_pred (.., n), loss (..).
class Poisson final : public ElementLoss<Poisson, LossOptions> {
 public:
  static constexpr std::string_view keras_names[] = {"Poisson", "poisson"};

  explicit Poisson(LossOptions options = {}) : ElementLoss(std::move(options)) {}

  double element(double t, double p) const { return p - t * std::log(p + ops::keras_epsilon); }
  double slope(double t, double p) const { return 1 - t / (p + ops::keras_epsilon); }
};

}  // namespace graft::losses
