#pragma once
#include <graft/metrics/row_metric.hpp>
#include <graft/ops/crossentropy.hpp>

namespace graft::metrics {

/// Options of CategoricalCrossentropy and BinaryCrossentropy.
struct CrossentropyOptions {
  bool from_logits = false;
  double label_smoothing = 0;
  Index axis = -1;  ///< only the last one
  std::string name = {};
};

struct SparseCrossentropyOptions {
  bool from_logits = false;
  Index axis = -1;  ///< only the last one
  std::string name = {};
};

namespace detail {

template <class Options>
void check_crossentropy(std::string_view who, const Options& options) {
  ops::check_last_axis(who, options.axis);
  if constexpr (requires { options.label_smoothing; }) ops::check_label_smoothing(who, options.label_smoothing);
}
template <class Options>
void visit_crossentropy(ConfigVisitor& c, Options& options) {
  c("from_logits", options.from_logits);
  if constexpr (requires { options.label_smoothing; }) c("label_smoothing", options.label_smoothing);
  c("axis", options.axis);
}

}  // namespace detail

/// What the crossentropies have in common: options, and that smaller is better.
template <class Derived, class Options>
class CrossentropyMetric : public RowMetric<Derived, Options> {
 public:
  static constexpr bool higher_is_better = false;

  explicit CrossentropyMetric(Options options) : RowMetric<Derived, Options>(std::move(options)) { check(); }

  std::shared_ptr<MetricFunction> on_logits(std::string_view activation) const override {
    if (activation != Derived::activation) return nullptr;
    auto metric = std::make_shared<Derived>(static_cast<const Derived&>(*this));
    static_cast<CrossentropyMetric&>(*metric).options_.from_logits = true;
    return metric;
  }
  void fields(ConfigVisitor& c) { detail::visit_crossentropy(c, options_); }
  void check() const { detail::check_crossentropy(Derived::keras_names[0], options_); }

 protected:
  using RowMetric<Derived, Options>::options_;
};

/// The mean of -sum_j t_j ln p_j over rows, with the formulas of losses::CategoricalCrossentropy. y_true and y_pred
/// (.., classes).
class CategoricalCrossentropy final : public CrossentropyMetric<CategoricalCrossentropy, CrossentropyOptions> {
 public:
  static constexpr std::string_view keras_names[] = {"CategoricalCrossentropy", "categorical_crossentropy"};
  static constexpr std::string_view activation = "softmax";

  explicit CategoricalCrossentropy(CrossentropyOptions options = {}) : CrossentropyMetric(std::move(options)) {}

  double value(const Row& row) const override {
    return ops::categorical_crossentropy(row, options_.from_logits, options_.label_smoothing);
  }
};

/// The mean of -ln p_k over rows, k being the class index, with the formulas of losses::SparseCategoricalCrossentropy.
/// y_pred (.., classes), y_true (..) or (.., 1). Throws ArgumentError for an index outside 0..classes - 1.
class SparseCategoricalCrossentropy final
    : public CrossentropyMetric<SparseCategoricalCrossentropy, SparseCrossentropyOptions> {
 public:
  static constexpr std::string_view keras_names[] = {"SparseCategoricalCrossentropy",
                                                     "sparse_categorical_crossentropy"};
  static constexpr std::string_view activation = "softmax";

  explicit SparseCategoricalCrossentropy(SparseCrossentropyOptions options = {})
      : CrossentropyMetric(std::move(options)) {}

  double value(const Row& row) const override {
    return ops::sparse_crossentropy(row, ops::class_index(keras_names[0], row), options_.from_logits);
  }
  Targets targets() const override { return Targets::class_index; }
};

/// The mean of -(t ln p + (1 - t) ln(1 - p)), with the formulas of losses::BinaryCrossentropy. y_true and y_pred
/// (.., n).
class BinaryCrossentropy final : public CrossentropyMetric<BinaryCrossentropy, CrossentropyOptions> {
 public:
  static constexpr std::string_view keras_names[] = {"BinaryCrossentropy", "binary_crossentropy", "bce", "BCE"};
  static constexpr std::string_view activation = "sigmoid";

  explicit BinaryCrossentropy(CrossentropyOptions options = {}) : CrossentropyMetric(std::move(options)) {}

  void fields(ConfigVisitor& c) {
    c("from_logits", options_.from_logits);
    c("label_smoothing", options_.label_smoothing);
  }
  double value(const Row& row) const override {
    return ops::binary_crossentropy(row, options_.from_logits, options_.label_smoothing);
  }
};

}  // namespace graft::metrics
