#pragma once
#include <graft/losses/row_loss.hpp>
#include <limits>

namespace graft::losses {

/// max(1 + max_j (1 - t_j) p_j - sum_j t_j p_j, 0) over the last axis; t is one-hot. Classes that share the largest
/// (1 - t_j) p_j share its gradient. y_true and y_pred (.., classes), loss (..).
class CategoricalHinge final : public RowLoss<CategoricalHinge, LossOptions> {
 public:
  static constexpr std::string_view keras_names[] = {"CategoricalHinge", "categorical_hinge"};

  explicit CategoricalHinge(LossOptions options = {}) : RowLoss(std::move(options)) {}

  template <class S>
  S value(std::span<const S> t, std::span<const S> p) const {
    return std::max(margin(t, p), S(0));
  }
  template <class S>
  void gradient(std::span<const S> t, std::span<const S> p, S dloss, std::span<S> dp) const {
    const S factor = margin(t, p) >= 0 ? dloss : S(0), top = wrong(t, p);
    S ties = 0;
    for (std::size_t j = 0; j < p.size(); ++j) ties += static_cast<S>((1 - t[j]) * p[j] == top);
    for (std::size_t j = 0; j < p.size(); ++j)
      dp[j] = factor * (((1 - t[j]) * p[j] == top ? (1 - t[j]) / ties : S(0)) - t[j]);
  }

 private:
  template <class S>
  static S wrong(std::span<const S> t, std::span<const S> p) {
    S top = std::numeric_limits<S>::lowest();
    for (std::size_t j = 0; j < p.size(); ++j) top = std::max(top, (1 - t[j]) * p[j]);
    return top;
  }
  template <class S>
  static S margin(std::span<const S> t, std::span<const S> p) {
    double right = 0;
    for (std::size_t j = 0; j < p.size(); ++j) right += static_cast<double>(t[j]) * static_cast<double>(p[j]);
    return static_cast<S>(1 + static_cast<double>(wrong(t, p)) - right);
  }
};

}  // namespace graft::losses
