#pragma once
#include <graft/losses/row_loss.hpp>
#include <limits>
#include <numeric>

namespace graft::losses {

/// max(1 + max_j (1 - t_j) p_j - sum_j t_j p_j, 0) over the last axis; t is one-hot. Classes that share the largest
/// (1 - t_j) p_j share its gradient. y_true and y_pred (.., classes), loss (..).
class CategoricalHinge final : public RowLoss<CategoricalHinge, LossOptions> {
 public:
  static constexpr std::string_view keras_names[] = {"CategoricalHinge", "categorical_hinge"};

  explicit CategoricalHinge(LossOptions options = {}) : RowLoss(std::move(options)) {}

  double value(const Row& row) const override { return std::max(margin(row), 0.0); }
  void gradient(const Row& row, std::span<double> dp) const override {
    const double factor = margin(row) >= 0 ? 1 : 0, top = wrong(row);
    double ties = 0;
    for (std::size_t j = 0; j < dp.size(); ++j) ties += (1 - row.t[j]) * row.p[j] == top;
    for (std::size_t j = 0; j < dp.size(); ++j)
      dp[j] = factor * (((1 - row.t[j]) * row.p[j] == top ? (1 - row.t[j]) / ties : 0) - row.t[j]);
  }

 private:
  static double wrong(const Row& row) {
    double top = std::numeric_limits<double>::lowest();
    for (std::size_t j = 0; j < row.p.size(); ++j) top = std::max(top, (1 - row.t[j]) * row.p[j]);
    return top;
  }
  static double margin(const Row& row) {
    return 1 + wrong(row) - std::inner_product(row.t.begin(), row.t.end(), row.p.begin(), 0.0);
  }
};

}  // namespace graft::losses
