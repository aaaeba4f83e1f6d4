#pragma once
#include <cmath>
#include <graft/losses/element_loss.hpp>

namespace graft::losses {

/// mean_j |p_j - t_j| over the last axis; the slope at 0 is 0. y_true and y_pred (.., n), loss (..).
class MeanAbsoluteError final : public ElementLoss<MeanAbsoluteError, LossOptions> {
 public:
  static constexpr std::string_view keras_names[] = {"MeanAbsoluteError", "mean_absolute_error", "mae", "MAE"};

  explicit MeanAbsoluteError(LossOptions options = {}) : ElementLoss(std::move(options)) {}

  template <class S>
  S element(S t, S p) const {
    return std::abs(p - t);
  }
  template <class S>
  S slope(S t, S p) const {
    return static_cast<S>((p > t) - (p < t));
  }
};

}  // namespace graft::losses
