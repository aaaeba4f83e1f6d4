#pragma once
#include <graft/losses/probabilities.hpp>
#include <graft/losses/row_loss.hpp>
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
/// nothing is clipped. Rows whose index is ignore_class have the loss 0; where the reduction is sum_over_batch_size the
/// others are multiplied by rows / counted rows, so that their mean remains.
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

  Shape matched(const Shape& y_true, const Shape& y_pred) const {
    return sparse_shape(keras_names[0], y_true, y_pred, " For one-hot labels use \"categorical_crossentropy\".");
  }

  /// The loss of one batch's rows: they share a factor.
  struct Batch {
    bool from_logits;
    std::optional<Index> ignored;
    double factor;

    /// The row's class, empty for an ignored one.
    template <class S>
    std::optional<std::size_t> label(std::span<const S> t, std::size_t classes) const {
      if (ignored && t[0] == static_cast<S>(*ignored)) return std::nullopt;
      if (!(t[0] > -1 && t[0] < static_cast<S>(classes)))
        raise<ArgumentError>(keras_names[0], ": a class index is from 0 to ", classes - 1, ", got ", t[0],
                             ". y_pred has ", classes, " classes.");
      return static_cast<std::size_t>(t[0] < 0 ? S(0) : t[0]);
    }
    template <class S>
    static double clipped_sum(std::span<const S> p) {
      double sum = 0;
      for (const S v : p) sum += static_cast<double>(detail::clip_probability(v));
      return sum;
    }
    template <class S>
    S value(std::span<const S> t, std::span<const S> p) const {
      const auto k = label(t, p.size());
      if (!k) return S(0);
      if (from_logits) return static_cast<S>(factor * (detail::log_sum_exp(p) - static_cast<double>(p[*k])));
      const double q = static_cast<double>(detail::clip_probability(p[*k])) / clipped_sum(p);
      return static_cast<S>(-factor * std::log(q));
    }
    /// Logits: softmax(x)_j - [j = k]. Probabilities: 1 / sum(p) - [j = k] / p_j where p_j is not clipped, else 0.
    template <class S>
    void gradient(std::span<const S> t, std::span<const S> p, S dloss, std::span<S> dp) const {
      const auto k = label(t, p.size());
      const double shift = from_logits ? detail::log_sum_exp(p) : 0, sum = from_logits ? 1 : clipped_sum(p);
      for (std::size_t j = 0; j < p.size(); ++j) {
        const double x = static_cast<double>(p[j]), hit = k && j == *k ? 1 : 0;
        double d = 0;
        if (k && from_logits) d = std::exp(x - shift) - hit;
        if (k && !from_logits && detail::unclipped(p[j])) d = 1 / sum - hit / x;
        dp[j] = static_cast<S>(static_cast<double>(dloss) * factor * d);
      }
    }
  };
  template <class S>
  Batch on_batch(View<const S> t) const {
    Batch batch{options_.from_logits, options_.ignore_class, 1};
    if (!options_.ignore_class || options_.reduction != Reduction::sum_over_batch_size) return batch;
    Index counted = 0;
    for (const S label : t.span()) counted += label != static_cast<S>(*options_.ignore_class);
    batch.factor = counted == 0 ? 0 : static_cast<double>(t.size()) / static_cast<double>(counted);
    return batch;
  }

  void fields(ConfigVisitor& c) {
    c("from_logits", options_.from_logits);
    c("ignore_class", options_.ignore_class);
    c("axis", options_.axis);
  }
  void check() const { detail::check_axis(keras_names[0], options_.axis); }
};

}  // namespace graft::losses
