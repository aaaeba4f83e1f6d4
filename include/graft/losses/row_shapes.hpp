#pragma once
#include <graft/core/error.hpp>
#include <graft/core/shape.hpp>
#include <string_view>

namespace graft::losses {

namespace detail {

inline Shape without_back(const Shape& shape) { return Shape(std::span(shape.begin(), to_size(shape.rank() - 1))); }

inline bool agree(const Shape& a, const Shape& b) { return a.accepts(b) || b.accepts(a); }

}  // namespace detail

/// y_pred's shape after Keras's rank rule: where ranks differ by one and the longer shape ends in 1, that axis is
/// dropped, unless the shorter one is (batch,), which then gets it. Two shapes (batch,) are taken as (batch, 1).
/// Throws ShapeError, naming both shapes and `hint`, if the two still differ: a loss never broadcasts.
inline Shape matched_shape(std::string_view who, const Shape& y_true, const Shape& y_pred, std::string_view hint = {}) {
  Shape t = y_true, p = y_pred;
  if (t.rank() == 1 && (p.rank() == 1 || (p.rank() == 2 && p.back() == 1))) t.push_back(1);
  if (p.rank() == 1 && t.rank() == 2 && t.back() == 1) p.push_back(1);
  if (t.rank() == p.rank() + 1 && t.back() == 1) t = detail::without_back(t);
  if (p.rank() == t.rank() + 1 && p.back() == 1) p = detail::without_back(p);
  if (t.rank() < 2 || p.back() == 0 || !detail::agree(t, p))
    raise<ShapeError>(who, ": y_true must have the shape of y_pred, got y_true ", y_true, " and y_pred ", y_pred, ".",
                      hint);
  return p;
}

/// y_pred's shape, where y_true holds one class index per row: y_pred's shape without its last axis, or with 1 there.
inline Shape sparse_shape(std::string_view who, const Shape& y_true, const Shape& y_pred, std::string_view hint = {}) {
  const bool ranks = y_pred.rank() >= 2 && y_pred.back() != 0;
  if (!ranks || !(detail::agree(y_true, detail::without_back(y_pred)) || detail::agree(y_true, y_pred.with_back(1))))
    raise<ShapeError>(who, ": y_true must hold one class index per row of y_pred, got y_true ", y_true, " and y_pred ",
                      y_pred, ".", hint);
  return y_pred;
}

}  // namespace graft::losses
