#pragma once
#include <graft/losses/hinge_loss.hpp>

namespace graft::losses {

/// mean_j max(1 - t_j p_j, 0) over the last axis, t being -1 or 1 (or 0 or 1, if all of the batch are). y_true and
/// y_pred (.., n), loss (..).
class Hinge final : public HingeLoss<Hinge> {
 public:
  static constexpr std::string_view keras_names[] = {"Hinge", "hinge"};

  explicit Hinge(LossOptions options = {}) : HingeLoss(std::move(options)) {}

  static double element(double margin) { return std::max(margin, 0.0); }
  static double slope(double margin) { return margin >= 0 ? 1.0 : 0.0; }
};

}  // namespace graft::losses
