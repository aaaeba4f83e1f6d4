#pragma once
#include <graft/losses/row_loss.hpp>

namespace graft::losses {

/// Makes a LossFunction of a class that has static double element(double margin) and slope(double margin), the margin
/// being 1 - t_j p_j; a row's loss is the mean. Labels are -1 and 1; where all labels of a batch are 0 or 1, they are
/// taken as -1 and 1.
template <class Derived>
class HingeLoss : public RowLoss<Derived, LossOptions> {
 public:
  using RowLoss<Derived, LossOptions>::RowLoss;

  double value(const Row& row) const override {
    double sum = 0;
    for (std::size_t j = 0; j < row.p.size(); ++j) sum += Derived::element(1 - label(row, j) * row.p[j]);
    return sum / static_cast<double>(row.p.size());
  }
  void gradient(const Row& row, std::span<double> dp) const override {
    for (std::size_t j = 0; j < row.p.size(); ++j)
      dp[j] = -label(row, j) * Derived::slope(1 - label(row, j) * row.p[j]) / static_cast<double>(row.p.size());
  }

 private:
  static double label(const Row& row, std::size_t j) { return row.binary ? 2 * row.t[j] - 1 : row.t[j]; }
};

}  // namespace graft::losses
