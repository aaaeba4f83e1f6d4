#pragma once
#include <graft/losses/row_loss.hpp>
#include <graft/ops/crossentropy.hpp>
#include <optional>

namespace graft::losses {

struct SparseCategoricalCrossentropyOptions {
  bool from_logits = false;
  std::optional<Index> ignore_class = {};
  Index axis = -1;  ///< only the last one
  Reduction reduction = Reduction::sum_over_batch_size;
  std::string name = {};
};

/// -ln p_k over the classes of the last axis, k being the row's class index.
/// Probabilities are clipped to [1e-7, 1 - 1e-7] and divided by their sum; with from_logits, p = softmax(y_pred) and
/// nothing is clipped. Rows whose index is ignore_class have the loss 0 and no part in a mean: see masked_weights().
/// y_pred (.., classes), y_true (..) or (.., 1) with whole numbers, loss (..). Throws ArgumentError for an index
/// outside 0..classes - 1 and for another axis than -1. Source: keras/src/losses/losses.py.
class SparseCategoricalCrossentropy final
    : public RowLoss<SparseCategoricalCrossentropy, SparseCategoricalCrossentropyOptions> {
 public:
  static constexpr std::string_view keras_names[] = {"SparseCategoricalCrossentropy",
                                                     "sparse_categorical_crossentropy"};

  explicit SparseCategoricalCrossentropy(SparseCategoricalCrossentropyOptions options = {})
      : RowLoss(std::move(options)) {
    check();
  }

  std::shared_ptr<LossFunction> on_logits(std::string_view activation) const override {
    if (activation != "softmax") return nullptr;
    auto loss = std::make_shared<SparseCategoricalCrossentropy>(*this);
    loss->options_.from_logits = true;
    return loss;
  }

  double value(const Row& row) const override {
    if (ignores(row)) return 0;
    return ops::sparse_crossentropy(row, ops::class_index(keras_names[0], row), options_.from_logits);
  }
  void gradient(const Row& row, std::span<double> dp) const override {
    if (ignores(row))
      std::fill(dp.begin(), dp.end(), 0.0);
    else
      ops::sparse_crossentropy_gradient(row, ops::class_index(keras_names[0], row), options_.from_logits, dp);
  }
  std::optional<double> ignored_label() const override {
    return options_.ignore_class ? std::optional(static_cast<double>(*options_.ignore_class)) : std::nullopt;
  }

  void fields(ConfigVisitor& c) {
    c("from_logits", options_.from_logits);
    c("ignore_class", options_.ignore_class);
  }
  void check() const { ops::check_last_axis(keras_names[0], options_.axis); }

 private:
  Shape matched(const Shape& y_true, const Shape& y_pred) const override {
    return sparse_shape(keras_names[0], y_true, y_pred, " For one-hot labels use \"categorical_crossentropy\".");
  }
  bool ignores(const Row& row) const { return row.t[0] == ignored_label(); }
};

}  // namespace graft::losses
