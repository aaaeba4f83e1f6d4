#pragma once
#include <cmath>
#include <graft/losses/element_loss.hpp>
#include <graft/losses/probabilities.hpp>

namespace graft::losses {

/// mean_j p_j - t_j ln(p_j + 1e-7) over the last axis. y_true and y_pred (.., n), loss (..).
class Poisson final : public ElementLoss<Poisson, LossOptions> {
 public:
  static constexpr std::string_view keras_names[] = {"Poisson", "poisson"};

  explicit Poisson(LossOptions options = {}) : ElementLoss(std::move(options)) {}

  template <class S>
  S element(S t, S p) const {
    return p - t * std::log(p + static_cast<S>(detail::epsilon));
  }
  template <class S>
  S slope(S t, S p) const {
    return 1 - t / (p + static_cast<S>(detail::epsilon));
  }
};

}  // namespace graft::losses
