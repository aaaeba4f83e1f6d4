#pragma once
#include <graft/losses/row_loss.hpp>
#include <graft/ops/crossentropy.hpp>

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
class BinaryCrossentropy final : public RowLoss<BinaryCrossentropy, BinaryCrossentropyOptions> {
 public:
  static constexpr std::string_view keras_names[] = {"BinaryCrossentropy", "binary_crossentropy", "bce", "BCE"};

  explicit BinaryCrossentropy(BinaryCrossentropyOptions options = {}) : RowLoss(std::move(options)) { check(); }

  double value(const Row& row) const override {
    return ops::binary_crossentropy(row, options_.from_logits, options_.label_smoothing);
  }
  void gradient(const Row& row, std::span<double> dp) const override {
    ops::binary_crossentropy_gradient(row, options_.from_logits, options_.label_smoothing, dp);
  }
  void fields(ConfigVisitor& c) {
    c("from_logits", options_.from_logits);
    c("label_smoothing", options_.label_smoothing);
    c("axis", options_.axis);
  }
  void check() const {
    ops::check_label_smoothing(keras_names[0], options_.label_smoothing);
    ops::check_last_axis(keras_names[0], options_.axis);
  }
  std::shared_ptr<LossFunction> on_logits(std::string_view activation) const override {
    if (activation != "sigmoid") return nullptr;
    auto loss = std::make_shared<BinaryCrossentropy>(*this);
    loss->options_.from_logits = true;
    return loss;
  }
};

}  // namespace graft::losses
