#pragma once
#include <graft/losses/hinge_loss.hpp>

namespace graft::losses {

/// mean_j max(1 - t_j p_j, 0)^2 over the last axis, t being -1 or 1 (or 0 or 1, if all of the batch are). y_true and
/// y_pred (.., n), loss (..).
class SquaredHinge final : public HingeLoss<SquaredHinge> {
 public:
  static constexpr std::string_view keras_names[] = {"SquaredHinge", "squared_hinge"};

  explicit SquaredHinge(LossOptions options = {}) : HingeLoss(std::move(options)) {}

  static double element(double margin) {
    const double positive = std::max(margin, 0.0);
    return positive * positive;
  }
  static double slope(double margin) { return 2 * std::max(margin, 0.0); }
};

}  // namespace graft::losses
