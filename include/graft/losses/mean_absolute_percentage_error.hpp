#pragma once
#include <cmath>
#include <graft/losses/element_loss.hpp>
#include <graft/ops/crossentropy.hpp>

namespace graft::losses {

/// 100 mean_j |(t_j - p_j) / max(|t_j|, 1e-7)| over the last axis. y_true and y_pred (.., n), loss (..).
class MeanAbsolutePercentageError final : public ElementLoss<MeanAbsolutePercentageError, LossOptions> {
 public:
  static constexpr std::string_view keras_names[] = {"MeanAbsolutePercentageError", "mean_absolute_percentage_error",
                                                     "mape", "MAPE"};

  explicit MeanAbsolutePercentageError(LossOptions options = {}) : ElementLoss(std::move(options)) {}

  double element(double t, double p) const { return 100 * std::abs((t - p) / size(t)); }
  double slope(double t, double p) const { return 100 * static_cast<double>((p > t) - (p < t)) / size(t); }

 private:
  static double size(double t) { return std::max(std::abs(t), ops::keras_epsilon); }
};

}  // namespace graft::losses
