#pragma once
#include <cmath>
#include <graft/losses/element_loss.hpp>
#include <graft/losses/probabilities.hpp>

namespace graft::losses {

struct BinaryCrossentropyOptions {
  bool from_logits = false;
  double label_smoothing = 0;
  Index axis = -1;  ///< only the last one
  Reduction reduction = Reduction::sum_over_batch_size;
  std::string name = {};
};

/// mean_j -(t_j ln p_j + (1 - t_j) ln(1 - p_j)) over the last axis.
/// Targets are smoothed first, t (1 - s) + s / 2. Probabilities are clipped to [1e-7, 1 - 1e-7]; with from_logits,
/// p = sigmoid(x) and the loss is max(x, 0) - x t + ln(1 + e^-|x|), which clips nothing.
/// y_true and y_pred (.., n), loss (..). Throws ArgumentError if label_smoothing is outside 0..1 or axis is not -1.
/// Source: keras/src/losses/losses.py, keras/src/backend/tensorflow/nn.py.
class BinaryCrossentropy final : public ElementLoss<BinaryCrossentropy, BinaryCrossentropyOptions> {
 public:
  static constexpr std::string_view keras_names[] = {"BinaryCrossentropy", "binary_crossentropy", "bce", "BCE"};

  explicit BinaryCrossentropy(BinaryCrossentropyOptions options = {}) : ElementLoss(std::move(options)) { check(); }

  template <class S>
  S element(S t, S p) const {
    t = smoothed(t);
    if (options_.from_logits) return std::max(p, S(0)) - p * t + std::log1p(std::exp(-std::abs(p)));
    const S q = detail::clip_probability(p);
    return -(t * std::log(q) + (1 - t) * std::log(1 - q));
  }
  template <class S>
  S slope(S t, S p) const {
    t = smoothed(t);
    if (options_.from_logits) return detail::sigmoid(p) - t;
    return detail::unclipped(p) ? (1 - t) / (1 - p) - t / p : S(0);
  }
  void fields(ConfigVisitor& c) {
    c("from_logits", options_.from_logits);
    c("label_smoothing", options_.label_smoothing);
    c("axis", options_.axis);
  }
  void check() const {
    detail::check_label_smoothing(keras_names[0], options_.label_smoothing);
    detail::check_axis(keras_names[0], options_.axis);
  }
  std::shared_ptr<LossFunction> on_logits(std::string_view activation) const override {
    if (activation != "sigmoid") return nullptr;
    auto loss = std::make_shared<BinaryCrossentropy>(*this);
    loss->options_.from_logits = true;
    return loss;
  }

 private:
  template <class S>
  S smoothed(S t) const {
    return t * static_cast<S>(1 - options_.label_smoothing) + static_cast<S>(options_.label_smoothing / 2);
  }
};

}  // namespace graft::losses
