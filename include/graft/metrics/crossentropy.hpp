#pragma once
#include <algorithm>
#include <cmath>
#include <graft/metrics/row_metric.hpp>
#include <numeric>

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

/// p within [1e-7, 1 - 1e-7].
template <class S>
S clip_probability(S p) {
  return std::clamp(p, static_cast<S>(1e-7), static_cast<S>(1 - 1e-7));
}
/// ln sum_j exp(x_j), shifted by the largest x.
template <class S>
double log_sum_exp(std::span<const S> x) {
  const double top = static_cast<double>(*std::max_element(x.begin(), x.end()));
  double sum = 0;
  for (const S v : x) sum += std::exp(static_cast<double>(v) - top);
  return top + std::log(sum);
}
template <class Options>
void check_crossentropy(std::string_view who, const Options& options) {
  if (options.axis != -1) raise<ArgumentError>(who, ": axis must be -1, the last one, got ", options.axis, ".");
  if constexpr (requires { options.label_smoothing; })
    if (!(options.label_smoothing >= 0 && options.label_smoothing <= 1))
      raise<ArgumentError>(who, ": label_smoothing is from 0 to 1, got ", options.label_smoothing, ".");
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

  template <class S>
  double value(std::span<const S> t, std::span<const S> p) const {
    const bool logits = options_.from_logits;
    const double shift = logits ? detail::log_sum_exp(p) : 0, sum = std::accumulate(p.begin(), p.end(), 0.0);
    const double smoothing = options_.label_smoothing, floor = smoothing / static_cast<double>(p.size());
    double loss = 0;
    for (std::size_t j = 0; j < p.size(); ++j) {
      const double target = static_cast<double>(t[j]) * (1 - smoothing) + floor;
      const S q = logits ? S(1) : detail::clip_probability(static_cast<S>(static_cast<double>(p[j]) / sum));
      loss -= target * (logits ? static_cast<double>(p[j]) - shift : static_cast<double>(std::log(q)));
    }
    return loss;
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
  static constexpr Targets targets = Targets::class_index;

  explicit SparseCategoricalCrossentropy(SparseCrossentropyOptions options = {})
      : CrossentropyMetric(std::move(options)) {}

  template <class S>
  double value(std::span<const S> t, std::span<const S> p) const {
    if (!(t[0] > -1 && t[0] < static_cast<S>(p.size())))
      raise<ArgumentError>(keras_names[0], ": a class index is from 0 to ", p.size() - 1, ", got ", t[0], ".");
    const auto k = static_cast<std::size_t>(t[0] < 0 ? S(0) : t[0]);
    if (options_.from_logits) return detail::log_sum_exp(p) - static_cast<double>(p[k]);
    double sum = 0;
    for (const S v : p) sum += static_cast<double>(detail::clip_probability(v));
    return -std::log(static_cast<double>(detail::clip_probability(p[k])) / sum);
  }
};

/// The mean of -(t ln p + (1 - t) ln(1 - p)), with the formulas of losses::BinaryCrossentropy. y_true and y_pred
/// (.., n).
class BinaryCrossentropy final : public CrossentropyMetric<BinaryCrossentropy, CrossentropyOptions> {
 public:
  static constexpr std::string_view keras_names[] = {"BinaryCrossentropy", "binary_crossentropy", "bce", "BCE"};
  static constexpr std::string_view activation = "sigmoid";

  explicit BinaryCrossentropy(CrossentropyOptions options = {}) : CrossentropyMetric(std::move(options)) {}

  template <class S>
  double value(std::span<const S> t, std::span<const S> p) const {
    const S keep = static_cast<S>(1 - options_.label_smoothing), half = static_cast<S>(options_.label_smoothing / 2);
    double sum = 0;
    for (std::size_t j = 0; j < p.size(); ++j) {
      const S target = t[j] * keep + half, x = p[j], q = detail::clip_probability(x);
      sum +=
          static_cast<double>(options_.from_logits ? std::max(x, S(0)) - x * target + std::log1p(std::exp(-std::abs(x)))
                                                   : -(target * std::log(q) + (1 - target) * std::log(1 - q)));
    }
    return sum / static_cast<double>(p.size());
  }
};

}  // namespace graft::metrics
