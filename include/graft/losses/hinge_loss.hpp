#pragma once
#include <graft/losses/row_loss.hpp>

namespace graft::losses {

/// Makes a LossFunction of a class that has, as templates on the scalar, element(S margin) and slope(S margin), the
/// margin being 1 - t_j p_j; a row's loss is the mean. Labels are -1 and 1; where all labels of a batch are 0 or 1,
/// they are taken as -1 and 1.
template <class Derived>
class HingeLoss : public RowLoss<Derived, LossOptions> {
 public:
  using RowLoss<Derived, LossOptions>::RowLoss;

  /// The loss of one batch's rows: they share how labels are read.
  struct Batch {
    bool binary;

    template <class S>
    S label(S t) const {
      return binary ? 2 * t - 1 : t;
    }
    template <class S>
    S value(std::span<const S> t, std::span<const S> p) const {
      double sum = 0;
      for (std::size_t j = 0; j < p.size(); ++j) sum += static_cast<double>(Derived::element(1 - label(t[j]) * p[j]));
      return static_cast<S>(sum / static_cast<double>(p.size()));
    }
    template <class S>
    void gradient(std::span<const S> t, std::span<const S> p, S dloss, std::span<S> dp) const {
      const S factor = -dloss / static_cast<S>(p.size());
      for (std::size_t j = 0; j < p.size(); ++j) dp[j] = factor * label(t[j]) * Derived::slope(1 - label(t[j]) * p[j]);
    }
  };
  template <class S>
  Batch on_batch(View<const S> t) const {
    const auto labels = t.span();
    return {std::all_of(labels.begin(), labels.end(), [](S v) { return v == 0 || v == 1; })};
  }
};

}  // namespace graft::losses
