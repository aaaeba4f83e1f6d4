#pragma once
#include <graft/losses/row_loss.hpp>
#include <graft/ops/crossentropy.hpp>

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

  double value(const Row& row) const override {
    return ops::categorical_crossentropy(row, options_.from_logits, options_.label_smoothing);
  }
  void gradient(const Row& row, std::span<double> dp) const override {
    ops::categorical_crossentropy_gradient(row, options_.from_logits, options_.label_smoothing, dp);
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

 private:
  Shape matched(const Shape& y_true, const Shape& y_pred) const override {
    return matched_shape(keras_names[0], y_true, y_pred,
                         " For integer labels use \"sparse_categorical_crossentropy\", or make them one-hot with "
                         "utils::to_categorical().");
  }
};

}  // namespace graft::losses
