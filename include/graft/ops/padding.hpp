#pragma once
#include <graft/core/view.hpp>
#include <graft/ops/parallel.hpp>

// Images are (batch, height, width, channels).
namespace graft::ops {

/// Rows above and below an image, columns to its left and right.
struct Margins {
  Index top = 0, bottom = 0, left = 0, right = 0;

  bool operator==(const Margins&) const = default;
  /// The shape with the margins around it; None stays None.
  Shape padded(const Shape& x) const {
    Shape y = x;
    if (y[1] != None) y[1] += top + bottom;
    if (y[2] != None) y[2] += left + right;
    return y;
  }
  /// The shape without the margins, possibly negative: the layer refuses it then.
  Shape cropped(const Shape& x) const { return Margins{-top, -bottom, -left, -right}.padded(x); }
};

/// y = x with margins of zeros; the gradient is crop().
template <class S>
void zero_pad(View<const S> x, const Margins& margins, View<S> y) {
  const Index rows = y.shape[1], row = y.shape[2] * y.shape[3], x_row = x.shape[2] * x.shape[3];
  const Index left = margins.left * y.shape[3], right = margins.right * y.shape[3];
  each_range(y.batch() * rows, row, [&](Index begin, Index end) {
    for (Index i = begin; i < end; ++i) {
      const Index from = i % rows - margins.top;
      S* to = y.data + i * row;
      if (from < 0 || from >= x.shape[1]) {
        std::fill_n(to, row, S(0));
        continue;
      }
      std::fill_n(to, left, S(0));
      std::copy_n(x.sample(i / rows) + from * x_row, x_row, to + left);
      std::fill_n(to + left + x_row, right, S(0));
    }
  });
}

/// y = x without its margins; the gradient is zero_pad().
template <class S>
void crop(View<const S> x, const Margins& margins, View<S> y) {
  const Index rows = y.shape[1], row = y.shape[2] * y.shape[3], x_row = x.shape[2] * x.shape[3];
  each_range(y.batch() * rows, row, [&](Index begin, Index end) {
    for (Index i = begin; i < end; ++i)
      std::copy_n(x.sample(i / rows) + (i % rows + margins.top) * x_row + margins.left * x.shape[3], row,
                  y.data + i * row);
  });
}

}  // namespace graft::ops
