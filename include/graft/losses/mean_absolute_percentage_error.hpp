#pragma once
#include <cmath>
#include <graft/losses/element_loss.hpp>
#include <graft/losses/probabilities.hpp>

namespace graft::losses {

/// 100 mean_j |(t_j - p_j) / max(|t_j|, 1e-7)| over the last axis. y_true and y_pred (.., n), loss (..).
class MeanAbsolutePercentageError final : public ElementLoss<MeanAbsolutePercentageError, LossOptions> {
 public:
  static constexpr std::string_view keras_names[] = {"MeanAbsolutePercentageError", "mean_absolute_percentage_error",
                                                     "mape", "MAPE"};

  explicit MeanAbsolutePercentageError(LossOptions options = {}) : ElementLoss(std::move(options)) {}

  template <class S>
  S element(S t, S p) const {
    return 100 * std::abs((t - p) / size(t));
  }
  template <class S>
  S slope(S t, S p) const {
    return 100 * static_cast<S>((p > t) - (p < t)) / size(t);
  }

 private:
  template <class S>
  static S size(S t) {
    return std::max(std::abs(t), static_cast<S>(detail::epsilon));
  }
};

}  // namespace graft::losses
