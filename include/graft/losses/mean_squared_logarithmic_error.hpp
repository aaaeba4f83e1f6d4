#pragma once
#include <cmath>
#include <graft/losses/element_loss.hpp>
#include <graft/losses/probabilities.hpp>

namespace graft::losses {

/// mean_j (ln(1 + p_j) - ln(1 + t_j))^2 over the last axis, p_j and t_j being at least 1e-7. y_true and y_pred (.., n),
/// loss (..).
class MeanSquaredLogarithmicError final : public ElementLoss<MeanSquaredLogarithmicError, LossOptions> {
 public:
  static constexpr std::string_view keras_names[] = {"MeanSquaredLogarithmicError", "mean_squared_logarithmic_error",
                                                     "msle", "MSLE"};

  explicit MeanSquaredLogarithmicError(LossOptions options = {}) : ElementLoss(std::move(options)) {}

  template <class S>
  S element(S t, S p) const {
    const S d = log(p) - log(t);
    return d * d;
  }
  template <class S>
  S slope(S t, S p) const {
    return p < static_cast<S>(detail::epsilon) ? S(0) : 2 * (log(p) - log(t)) / (1 + p);
  }

 private:
  template <class S>
  static S log(S v) {
    return std::log(std::max(v, static_cast<S>(detail::epsilon)) + 1);
  }
};

}  // namespace graft::losses
