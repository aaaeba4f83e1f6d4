#pragma once
#include <cmath>
#include <graft/losses/element_loss.hpp>
#include <graft/ops/crossentropy.hpp>

namespace graft::losses {

/// sum_j t_j ln(t_j / p_j) over the last axis, t and p clipped to [1e-7, 1]. y_true and y_pred (.., n), loss (..).
class KLDivergence final : public ElementLoss<KLDivergence, LossOptions> {
 public:
  static constexpr std::string_view keras_names[] = {"KLDivergence", "kl_divergence", "kld", "KLD"};
  static constexpr bool averaged = false;

  explicit KLDivergence(LossOptions options = {}) : ElementLoss(std::move(options)) {}

  double element(double t, double p) const { return clipped(t) * std::log(clipped(t) / clipped(p)); }
  double slope(double t, double p) const { return p == clipped(p) ? -clipped(t) / p : 0.0; }

 private:
  static double clipped(double v) { return std::clamp(v, ops::keras_epsilon, 1.0); }
};

}  // namespace graft::losses
