#pragma once
#include <graft/losses/row_loss.hpp>

namespace graft::losses {

/// Makes a LossFunction of a class that has
///   double element(double t, double p) const        what one prediction adds; a row's loss is the mean of these
///   double slope(double t, double p) const          its derivative with respect to p
/// and what RowLoss asks for otherwise. A class whose rows are sums hides `averaged`.
template <class Derived, class Options>
class ElementLoss : public RowLoss<Derived, Options> {
 public:
  using RowLoss<Derived, Options>::RowLoss;
  static constexpr bool averaged = true;

  double value(const Row& row) const override {
    double sum = 0;
    for (std::size_t j = 0; j < row.p.size(); ++j) sum += self().element(row.t[j], row.p[j]);
    return Derived::averaged ? sum / static_cast<double>(row.p.size()) : sum;
  }
  void gradient(const Row& row, std::span<double> dp) const override {
    const double n = Derived::averaged ? static_cast<double>(row.p.size()) : 1;
    for (std::size_t j = 0; j < row.p.size(); ++j) dp[j] = self().slope(row.t[j], row.p[j]) / n;
  }

 private:
  const Derived& self() const { return static_cast<const Derived&>(*this); }
};

}  // namespace graft::losses
