#pragma once
#include <graft/losses/probabilities.hpp>
#include <graft/losses/row_loss.hpp>
#include <numeric>

namespace graft::losses {

struct CategoricalCrossentropyOptions {
  bool from_logits = false;
  double label_smoothing = 0;
  Index axis = -1;  ///< only the last one
  Reduction reduction = Reduction::sum_over_batch_size;
  std::string name = {};
};

/// -sum_j t_j ln p_j over the K classes of the last axis; t is one-hot, or a distribution.
/// Targets are smoothed first, t (1 - s) + s / K. Probabilities are divided by their sum and clipped to
/// [1e-7, 1 - 1e-7]; with from_logits, p = softmax(y_pred) and nothing is clipped.
/// y_true and y_pred (.., classes), loss (..). Throws ArgumentError if label_smoothing is outside 0..1 or axis is not
/// -1. Source: keras/src/losses/losses.py, keras/src/backend/tensorflow/nn.py.
class CategoricalCrossentropy final : public RowLoss<CategoricalCrossentropy, CategoricalCrossentropyOptions> {
 public:
  static constexpr std::string_view keras_names[] = {"CategoricalCrossentropy", "categorical_crossentropy"};

  explicit CategoricalCrossentropy(CategoricalCrossentropyOptions options = {}) : RowLoss(std::move(options)) {
    check();
  }

  std::shared_ptr<LossFunction> on_logits(std::string_view activation) const override {
    if (activation != "softmax") return nullptr;
    auto loss = std::make_shared<CategoricalCrossentropy>(*this);
    loss->options_.from_logits = true;
    return loss;
  }

  Shape matched(const Shape& y_true, const Shape& y_pred) const {
    return matched_shape(keras_names[0], y_true, y_pred,
                         " For integer labels use \"sparse_categorical_crossentropy\", or make them one-hot with "
                         "utils::to_categorical().");
  }
  template <class S>
  S value(std::span<const S> t, std::span<const S> p) const {
    const double shift = options_.from_logits ? detail::log_sum_exp(p) : 0, scale = options_.from_logits ? 1 : sum(p);
    double loss = 0;
    for (std::size_t j = 0; j < p.size(); ++j) {
      const double target = smoothed(t[j], p.size());
      if (options_.from_logits)
        loss -= target * (static_cast<double>(p[j]) - shift);
      else
        loss -= target * static_cast<double>(std::log(detail::clip_probability(static_cast<S>(p[j] / scale))));
    }
    return static_cast<S>(loss);
  }
  /// With q = p / sum(p): dq_j = -t_j / q_j where q_j is not clipped, and dp_j = (dq_j - sum_k dq_k q_k) / sum(p).
  /// For logits: dx_j = softmax(x)_j sum_k t_k - t_j.
  template <class S>
  void gradient(std::span<const S> t, std::span<const S> p, S dloss, std::span<S> dp) const {
    const double shift = options_.from_logits ? detail::log_sum_exp(p) : 0, scale = options_.from_logits ? 1 : sum(p);
    double sum_t = 0, sum_dq_q = 0;
    for (std::size_t j = 0; j < p.size(); ++j) {
      const double target = smoothed(t[j], p.size());
      sum_t += target;
      if (detail::unclipped(static_cast<S>(p[j] / scale))) sum_dq_q -= target;
    }
    for (std::size_t j = 0; j < p.size(); ++j) {
      const double target = smoothed(t[j], p.size()), q = p[j] / scale;
      const double dq = detail::unclipped(static_cast<S>(q)) ? -target / q : 0;
      const double d = options_.from_logits ? std::exp(p[j] - shift) * sum_t - target : (dq - sum_dq_q) / scale;
      dp[j] = static_cast<S>(dloss * d);
    }
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

 private:
  double smoothed(double t, std::size_t classes) const {
    return t * (1 - options_.label_smoothing) + options_.label_smoothing / static_cast<double>(classes);
  }
  template <class S>
  static double sum(std::span<const S> p) {
    return std::accumulate(p.begin(), p.end(), 0.0);
  }
};

}  // namespace graft::losses
