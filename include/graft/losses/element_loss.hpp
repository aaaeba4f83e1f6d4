#pragma once
#include <graft/losses/row_loss.hpp>

namespace graft::losses {

/// Makes a LossFunction of a class that has, as templates on the scalar,
///   S element(S t, S p) const        what one prediction adds; a row's loss is the mean of these
///   S slope(S t, S p) const          its derivative with respect to p
/// and what RowLoss asks for otherwise. A class whose rows are sums hides `averaged`.
template <class Derived, class Options>
class ElementLoss : public RowLoss<Derived, Options> {
 public:
  using RowLoss<Derived, Options>::RowLoss;
  static constexpr bool averaged = true;

  template <class S>
  S value(std::span<const S> t, std::span<const S> p) const {
    double sum = 0;
    for (std::size_t j = 0; j < p.size(); ++j) sum += static_cast<double>(self().element(t[j], p[j]));
    return static_cast<S>(Derived::averaged ? sum / static_cast<double>(p.size()) : sum);
  }
  template <class S>
  void gradient(std::span<const S> t, std::span<const S> p, S dloss, std::span<S> dp) const {
    const S factor = Derived::averaged ? dloss / static_cast<S>(p.size()) : dloss;
    for (std::size_t j = 0; j < p.size(); ++j) dp[j] = factor * self().slope(t[j], p[j]);
  }

 private:
  const Derived& self() const { return static_cast<const Derived&>(*this); }
};

}  // namespace graft::losses
