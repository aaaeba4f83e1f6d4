#pragma once
#include <graft/losses/element_loss.hpp>

namespace graft::losses {

/// mean_j (p_j - t_j)^2 over the last axis. y_true and y_pred (.., n), loss (..).
class MeanSquaredError final : public ElementLoss<MeanSquaredError, LossOptions> {
 public:
  static constexpr std::string_view keras_names[] = {"MeanSquaredError", "mean_squared_error", "mse", "MSE"};

  explicit MeanSquaredError(LossOptions options = {}) : ElementLoss(std::move(options)) {}

  double element(double t, double p) const { return (p - t) * (p - t); }
  double slope(double t, double p) const { return 2 * (p - t); }
};

}  // namespace graft::losses
