#pragma once
#include <cmath>
#include <graft/losses/element_loss.hpp>

namespace graft::losses {

struct HuberOptions {
  double delta = 1;
  Reduction reduction = Reduction::sum_over_batch_size;
  std::string name = "huber_loss";
};

/// mean_j of d^2 / 2 where |d| <= delta, else delta |d| - delta^2 / 2, with d = p_j - t_j, over the last axis. y_true
/// and y_pred (.., n), loss (..). Throws ArgumentError unless delta is above 0. Huber 1964.
class Huber final : public ElementLoss<Huber, HuberOptions> {
 public:
  static constexpr std::string_view keras_names[] = {"Huber", "huber"};

  explicit Huber(HuberOptions options = {}) : ElementLoss(std::move(options)) { check(); }

  double element(double t, double p) const {
    const double delta = options_.delta, d = std::abs(p - t);
    return d <= delta ? d * d / 2 : delta * d - delta * delta / 2;
  }
  double slope(double t, double p) const { return std::clamp(p - t, -options_.delta, options_.delta); }
  void fields(ConfigVisitor& c) { c("delta", options_.delta); }
  void check() const {
    if (!(options_.delta > 0)) raise<ArgumentError>("Huber: delta is above 0, got ", options_.delta, ".");
  }
};

}  // namespace graft::losses
