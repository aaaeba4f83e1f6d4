#pragma once
#include <cmath>
#include <graft/losses/element_loss.hpp>
#include <graft/losses/probabilities.hpp>

namespace graft::losses {

/// sum_j t_j ln(t_j / p_j) over the last axis, t and p clipped to [1e-7, 1]. y_true and y_pred (.., n), loss (..).
class KLDivergence final : public ElementLoss<KLDivergence, LossOptions> {
 public:
  static constexpr std::string_view keras_names[] = {"KLDivergence", "kl_divergence", "kld", "KLD"};
  static constexpr bool averaged = false;

  explicit KLDivergence(LossOptions options = {}) : ElementLoss(std::move(options)) {}

  template <class S>
  S element(S t, S p) const {
    return clipped(t) * std::log(clipped(t) / clipped(p));
  }
  template <class S>
  S slope(S t, S p) const {
    return p == clipped(p) ? -clipped(t) / p : S(0);
  }

 private:
  template <class S>
  static S clipped(S v) {
    return std::clamp(v, static_cast<S>(detail::epsilon), S(1));
  }
};

}  // namespace graft::losses
