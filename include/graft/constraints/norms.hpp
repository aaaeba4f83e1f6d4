#pragma once
#include <array>
#include <cmath>
#include <graft/core/axes.hpp>
#include <graft/core/error.hpp>
#include <graft/core/view.hpp>
#include <vector>

namespace graft::constraints {

/// The Euclidean norms of a weight along some of its axes, and which element belongs to which norm. Norms are summed in
/// double, in row order.
class Norms {
 public:
  /// Throws ArgumentError if an axis is outside the shape, or the shape has none.
  Norms(std::string_view who, const Shape& shape, const Axes& axes) : shape_(shape) {
    if (shape.rank() == 0) raise<ArgumentError>(who, ": a scalar has no axis to take a norm along.");
    std::array<bool, Shape::max_rank> summed{};
    for (const Index axis : axes) {
      const Index at = axis < 0 ? axis + shape.rank() : axis;
      if (at < 0 || at >= shape.rank())
        raise<ArgumentError>(who, ": axis ", axis, " is outside a weight of shape ", shape, ".");
      summed[to_size(at)] = true;
    }
    for (Index axis = shape.rank() - 1; axis >= 0; --axis) {
      if (summed[to_size(axis)]) continue;
      strides_[to_size(axis)] = count_;
      count_ *= shape[axis];
    }
  }

  /// w *= factor(norm), each element by the factor of its own norm.
  template <class S, class F>
  void rescale(View<S> w, F&& factor) const {
    std::vector<double> squares(to_size(count_));
    each([&](Index i, std::size_t cell) {
      squares[cell] += static_cast<double>(w.data[i]) * static_cast<double>(w.data[i]);
    });
    std::vector<S> factors(squares.size());
    for (std::size_t cell = 0; cell < squares.size(); ++cell)
      factors[cell] = static_cast<S>(factor(std::sqrt(squares[cell])));
    each([&](Index i, std::size_t cell) { w.data[i] *= factors[cell]; });
  }

 private:
  /// f(element, its norm) for all elements in row order.
  template <class F>
  void each(F&& f) const {
    std::array<Index, Shape::max_rank> at{};
    const Index last = shape_.rank() - 1, n = shape_.elements();
    for (Index first = 0; first < n; first += shape_[last]) {
      Index cell = 0;
      for (Index axis = 0; axis < last; ++axis) cell += at[to_size(axis)] * strides_[to_size(axis)];
      for (Index i = 0; i < shape_[last]; ++i) f(first + i, to_size(cell + i * strides_[to_size(last)]));
      for (Index axis = last - 1; axis >= 0 && ++at[to_size(axis)] == shape_[axis]; --axis) at[to_size(axis)] = 0;
    }
  }

  Shape shape_;
  std::array<Index, Shape::max_rank> strides_{};
  Index count_ = 1;
};

}  // namespace graft::constraints
