#pragma once
#include <cmath>
#include <graft/losses/element_loss.hpp>
#include <numbers>

namespace graft::losses {

/// mean_j ln cosh(p_j - t_j) over the last axis, as d + softplus(-2 d) - ln 2, which does not overflow. y_true and
/// y_pred
/// (.., n), loss (..).
class LogCosh final : public ElementLoss<LogCosh, LossOptions> {
 public:
  static constexpr std::string_view keras_names[] = {"LogCosh", "log_cosh"};

  explicit LogCosh(LossOptions options = {}) : ElementLoss(std::move(options)) {}

  double element(double t, double p) const {
    const double d = std::abs(p - t);  // even, so the softplus never sees a positive number
    return d + std::log1p(std::exp(-2 * d)) - std::numbers::ln2;
  }
  double slope(double t, double p) const { return std::tanh(p - t); }
};

}  // namespace graft::losses
