#pragma once
#include <cmath>
#include <graft/losses/element_loss.hpp>

namespace graft::losses {

/// mean_j |p_j - t_j| over the last axis; the slope at 0 is 0. y_true and y_pred (.., n), loss (..).
class MeanAbsoluteError final : public ElementLoss<MeanAbsoluteError, LossOptions> {
 public:
  static constexpr std::string_view keras_names[] = {"MeanAbsoluteError", "mean_absolute_error", "mae", "MAE"};

  explicit MeanAbsoluteError(LossOptions options = {}) : ElementLoss(std::move(options)) {}

  double element(double t, double p) const { return std::abs(p - t); }
  double slope(double t, double p) const { return static_cast<double>((p > t) - (p < t)); }
};

}  // namespace graft::losses
