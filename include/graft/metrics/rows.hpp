#pragma once
#include <graft/core/any_view.hpp>
#include <graft/core/error.hpp>
#include <graft/core/row.hpp>
#include <string_view>
#include <vector>

namespace graft::metrics {

/// How a metric's targets look: one number per prediction, or one class index per row of predictions.
enum class Targets { values, class_index };

/// A batch seen as rows of predictions: samples * per_sample rows of `columns` numbers.
struct Rows {
  Index samples, per_sample, columns;
  Index count() const { return samples * per_sample; }
};

namespace detail {

inline Shape without_trailing_one(const Shape& shape) {
  const Index rank = shape.rank() > 1 && shape.back() == 1 ? shape.rank() - 1 : shape.rank();
  return Shape(std::span(shape.begin(), to_size(rank)));
}
inline bool fits(const Shape& y_true, const Shape& y_pred, Targets targets) {
  if (y_pred.empty() || y_pred.back() == 0) return false;
  if (targets == Targets::values) return without_trailing_one(y_pred).accepts(without_trailing_one(y_true));
  const Shape rows(std::span(y_pred.begin(), to_size(y_pred.rank() - 1)));
  return y_pred.rank() > 1 && (rows.accepts(y_true) || y_pred.with_back(1).accepts(y_true));
}

}  // namespace detail

/// Throws ShapeError if y_true does not fit y_pred; a trailing axis of 1 makes no difference. Axes may be None.
inline void check_targets(std::string_view who, const Shape& y_true, const Shape& y_pred, Targets targets) {
  if (detail::fits(y_true, y_pred, targets)) return;
  const bool values = targets == Targets::values;
  raise<ShapeError>(who, ": y_true must ",
                    values ? "have the shape of y_pred" : "hold one class index per row of y_pred", ", got y_true ",
                    y_true, " and y_pred ", y_pred, ".");
}

/// The rows of a batch of predictions (batch, .., columns); (batch,) has rows of one.
inline Rows rows_of(const Shape& y_pred) {
  const Index columns = y_pred.rank() == 1 ? 1 : y_pred.back(), samples = y_pred.front();
  return {samples, samples == 0 ? 0 : y_pred.elements() / columns / samples, columns};
}

/// How many neighbouring rows share a weight. Throws ShapeError if there is neither one per sample nor one per row.
inline Index rows_per_weight(std::string_view who, const Rows& rows, const AnyConstView& weights) {
  if (!weights || rows.count() == 0) return 1;
  const Index n = weights.size();
  if (weights.shape().empty() || weights.shape().front() != rows.samples || (n != rows.samples && n != rows.count()))
    raise<ShapeError>(who, ": a sample weight of shape ", weights.shape(), " does not fit ", rows.samples,
                      " samples of ", rows.per_sample, " rows. Give one weight per sample.");
  return rows.count() / n;
}

/// f(row, weight) for every row of a batch; a null view of weights is all 1. Throws ShapeError if a shape does not fit.
template <class F>
Rows each_row(std::string_view who, Targets kind, const AnyConstView& t, const AnyConstView& p,
              const AnyConstView& weights, F&& f) {
  check_targets(who, t.shape(), p.shape(), kind);
  const Rows rows = rows_of(p.shape());
  const Index share = rows_per_weight(who, rows, weights), n = rows.count(), targets = n == 0 ? 0 : t.size() / n;
  std::vector<double> t_memory, p_memory;
  for (Index r = 0; r < n; ++r)
    f(Row{t.read(r * targets, targets, t_memory), p.read(r * rows.columns, rows.columns, p_memory), p.is_single()},
      weights ? weights[r / share] : 1.0);
  return rows;
}

}  // namespace graft::metrics
