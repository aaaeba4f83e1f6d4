#pragma once
#include <array>
#include <graft/core/any_view.hpp>
#include <graft/core/config_visitor.hpp>
#include <graft/core/error.hpp>
#include <graft/core/tensor.hpp>
#include <string>
#include <string_view>

namespace graft::losses {

/// How the losses of a batch become one number. From Keras's strings: "sum_over_batch_size" (also "mean"), "sum",
/// "none", "mean_with_sample_weight"; ArgumentError for any other.
class Reduction {
 public:
  enum Kind { sum_over_batch_size, sum, none, mean_with_sample_weight };

  Reduction(Kind kind = sum_over_batch_size) : kind_(kind) {}
  Reduction(const char* name) : kind_(parse(name)) {}
  Reduction(const std::string& name) : kind_(parse(name)) {}

  operator Kind() const { return kind_; }
  std::string str() const { return std::string(names[kind_]); }

  void visit(ConfigVisitor& c, std::string_view field) {
    std::string name = str();
    c(field, name);
    kind_ = parse(name);
  }

 private:
  static constexpr std::array<std::string_view, 4> names{"sum_over_batch_size", "sum", "none",
                                                         "mean_with_sample_weight"};
  static Kind parse(std::string_view name) {
    for (const Kind kind : {sum_over_batch_size, sum, none, mean_with_sample_weight})
      if (name == names[kind]) return kind;
    if (name == "mean") return sum_over_batch_size;
    raise<ArgumentError>("Loss: reduction is one of \"sum_over_batch_size\", \"sum\", \"none\", ",
                         "\"mean_with_sample_weight\", got \"", name, "\".");
  }

  Kind kind_;
};

namespace detail {

/// How many neighbouring values share one weight. Throws ShapeError if `weights` is not (batch,), (batch, .., 1) or
/// the shape of the values.
inline Index values_per_weight(const Shape& values, const AnyConstView& weights) {
  if (!weights) return 1;
  const Shape& shape = weights.shape();
  bool fits = shape.rank() > 0;
  for (Index i = 0; i < shape.rank(); ++i)
    fits = fits && (i < values.rank() && shape[i] == values[i] ? true : i > 0 && shape[i] == 1);
  const Index n = fits ? weights.size() : 0;
  if (!fits || (n == 0 ? values.elements() != 0 : values.elements() % n != 0))
    raise<ShapeError>("Loss: a sample weight of shape ", shape, " does not fit losses of shape ", values,
                      ". Give one weight per sample, or one per loss.");
  return n == 0 ? 1 : values.elements() / n;
}

}  // namespace detail

/// The number that `values`, one loss per sample (batch, ..), and their weights w (null: all 1) become, with n values:
///   sum_over_batch_size  sum(w l) / n       not / sum(w)
///   sum, none            sum(w l)           "none" has no single number; its sum is what a gradient is taken of
///   mean_with_sample_weight  sum(w l) / sum(w), 0 where that is 0 / 0
/// Weights are (batch,) or shaped as the values. Source: keras/src/losses/loss.py, reduce_weighted_values.
inline double reduce(const AnyConstView& values, const AnyConstView& weights, Reduction reduction) {
  const Index share = detail::values_per_weight(values.shape(), weights), n = values.size();
  double total = 0, weight = 0;
  for (Index i = 0; i < n; ++i) {
    const double w = weights ? weights[i / share] : 1;
    total += w * values[i];
    if (i % share == 0) weight += w;
  }
  if (reduction == Reduction::sum || reduction == Reduction::none || n == 0) return total;
  if (reduction == Reduction::sum_over_batch_size || !weights) return total / static_cast<double>(n);
  return weight == 0 ? 0 : total / weight;
}

/// d reduce / d value, written into dvalues, which has the shape of the values.
inline void reduce_gradient(const AnyConstView& weights, Reduction reduction, const AnyView& dvalues) {
  const Index share = detail::values_per_weight(dvalues.shape(), weights), n = dvalues.size();
  double divisor = 1;
  if (reduction == Reduction::sum_over_batch_size || reduction == Reduction::mean_with_sample_weight)
    divisor = static_cast<double>(n);
  if (reduction == Reduction::mean_with_sample_weight && weights) {
    divisor = 0;
    for (Index i = 0; i < weights.size(); ++i) divisor += weights[i];
  }
  for (Index i = 0; i < n; ++i) {
    const double w = weights ? weights[i / share] : 1;
    dvalues.set(i, divisor == 0 ? 0 : w / divisor);
  }
}

/// The weights of a batch whose rows with the label `ignored` do not count, one for each value: 0 for these, and for
/// the others the given one, times n / counted where n values are averaged, so that it becomes a mean over those that
/// count. y_true holds one label per value. Source: keras/src/losses/loss.py, apply_mask.
inline Tensor<double> masked_weights(const AnyConstView& weights, const AnyConstView& y_true, double ignored,
                                     const Shape& values, Reduction reduction) {
  const Index share = detail::values_per_weight(values, weights), n = values.elements();
  Index counted = 0;
  for (Index i = 0; i < n; ++i) counted += y_true[i] != ignored;
  const double factor = reduction == Reduction::sum_over_batch_size && counted > 0
                            ? static_cast<double>(n) / static_cast<double>(counted)
                            : 1;
  Tensor<double> masked(values);
  for (Index i = 0; i < n; ++i)
    masked.data()[i] = y_true[i] == ignored ? 0 : factor * (weights ? weights[i / share] : 1);
  return masked;
}

}  // namespace graft::losses
