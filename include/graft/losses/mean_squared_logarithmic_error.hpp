#pragma once
#include <cmath>
#include <graft/losses/element_loss.hpp>
#include <graft/ops/crossentropy.hpp>

namespace graft::losses {

/// mean_j (ln(1 + p_j) - ln(1 + t_j))^2 over the last axis, p_j and t_j being at least 1e-7. y_true and y_pred (.., n),
/// loss (..).
class MeanSquaredLogarithmicError final : public ElementLoss<MeanSquaredLogarithmicError, LossOptions> {
 public:
  static constexpr std::string_view keras_names[] = {"MeanSquaredLogarithmicError", "mean_squared_logarithmic_error",
                                                     "msle", "MSLE"};

  explicit MeanSquaredLogarithmicError(LossOptions options = {}) : ElementLoss(std::move(options)) {}

  double element(double t, double p) const {
    const double d = log(p) - log(t);
    return d * d;
  }
  double slope(double t, double p) const { return p < ops::keras_epsilon ? 0.0 : 2 * (log(p) - log(t)) / (1 + p); }

 private:
  static double log(double v) { return std::log(std::max(v, ops::keras_epsilon) + 1); }
};

}  // namespace graft::losses
