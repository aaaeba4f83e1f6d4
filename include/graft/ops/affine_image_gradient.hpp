#pragma once
#include <graft/ops/affine_image.hpp>

namespace graft::ops {

namespace detail {

/// The pixels that one pixel of a transformed image is made from, and their weights.
template <class S>
class AffineTaps {
 public:
  AffineTaps(const Shape& shape, const AffineTransform& t, const Resampling& how)
      : height_(shape[1]), width_(shape[2]), t_(t), how_(how) {}

  /// f(pixel, weight) for those inside of the image; pixel counts row by row.
  template <class F>
  void each(Index row, Index column, F&& f) const {
    const S u = static_cast<S>(column), v = static_cast<S>(row);
    const S in_x = static_cast<S>(t_.a0) * u + static_cast<S>(t_.a1) * v + static_cast<S>(t_.a2);
    const S in_y = static_cast<S>(t_.b0) * u + static_cast<S>(t_.b1) * v + static_cast<S>(t_.b2);
    const S x = map_coordinate(in_x, width_, how_.fill), y = map_coordinate(in_y, height_, how_.fill);
    if (!(x > -1 && x < static_cast<S>(width_) && y > -1 && y < static_cast<S>(height_))) return;
    const auto tap = [&](S pixel_y, S pixel_x, S weight) {
      const Index i = static_cast<Index>(pixel_y), j = static_cast<Index>(pixel_x);
      if (i >= 0 && i < height_ && j >= 0 && j < width_) f(i * width_ + j, weight);
    };
    if (how_.sampling == Sampling::nearest) return tap(std::round(y), std::round(x), S(1));
    const S left = std::floor(x), top = std::floor(y), wx = x - left, wy = y - top;
    tap(top, left, (1 - wy) * (1 - wx));
    tap(top, left + 1, (1 - wy) * wx);
    tap(top + 1, left, wy * (1 - wx));
    tap(top + 1, left + 1, wy * wx);
  }

 private:
  Index height_, width_;
  AffineTransform t_;
  Resampling how_;
};

}  // namespace detail

/// dx = 0, plus each dy spread over the pixels that affine_image() made its value from, by the same weights; dx is not
/// dy. What came from outside of the image is dropped.
template <class S, class F>
void affine_image_gradient(View<const S> dy, const Resampling& how, View<S> dx, F&& transform_of) {
  const Index width = dx.shape[2], channels = dx.shape[3], size = dx.sample_size();
  each_range(dx.batch(), 8 * size, [&](Index begin, Index end) {
    for (Index i = begin; i < end; ++i) {
      std::fill_n(dx.sample(i), size, S(0));
      const detail::AffineTaps<S> taps(dx.shape, transform_of(i), how);
      for (Index pixel = 0; pixel < size / channels; ++pixel) {
        const S* from = dy.sample(i) + pixel * channels;
        taps.each(pixel / width, pixel % width, [&](Index at, S weight) {
          for (Index c = 0; c < channels; ++c) dx.sample(i)[at * channels + c] += weight * from[c];
        });
      }
    }
  });
}

}  // namespace graft::ops
