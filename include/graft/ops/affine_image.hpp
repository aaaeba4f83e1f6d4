#pragma once
#include <algorithm>
#include <cmath>
#include <graft/core/random.hpp>
#include <graft/core/view.hpp>
#include <graft/ops/parallel.hpp>
#include <graft/ops/sampling.hpp>
#include <numbers>
#include <optional>

namespace graft::ops {

/// What lies outside of an image abcd: reflect dcba|abcd|dcba, wrap abcd|abcd|abcd, nearest aaaa|abcd|dddd, constant.
enum class FillMode { reflect, constant, nearest, wrap };

/// Where an affine image takes its pixels from. value is for FillMode::constant.
struct Resampling {
  FillMode fill = FillMode::reflect;
  Sampling sampling = Sampling::bilinear;
  double value = 0;
};

/// Maps a pixel of the output to a place in the input: in_x = a0 x + a1 y + a2, in_y = b0 x + b1 y + b2; x counts
/// columns, y rows. Source: keras/src/layers/preprocessing/image_preprocessing.
struct AffineTransform {
  double a0 = 1, a1 = 0, a2 = 0, b0 = 0, b1 = 1, b2 = 0;

  /// Around the centre of the image; a positive angle (radians) turns counter-clockwise.
  static AffineTransform rotation(double angle, Index height, Index width) {
    const double c = std::cos(angle), s = std::sin(angle);
    const double cx = static_cast<double>(width - 1) / 2, cy = static_cast<double>(height - 1) / 2;
    return {c, -s, cx - cx * c + cy * s, s, c, cy - cx * s - cy * c};
  }
  /// Around the centre; a zoom above 1 shows more than the image: it zooms out.
  static AffineTransform zoom(double zoom_y, double zoom_x, Index height, Index width) {
    return {zoom_x, 0,      static_cast<double>(width - 1) / 2 * (1 - zoom_x),
            0,      zoom_y, static_cast<double>(height - 1) / 2 * (1 - zoom_y)};
  }
  /// Down and to the right by so many pixels.
  static AffineTransform translation(double down, double right) { return {1, 0, -right, 0, 1, -down}; }
};

/// The interval that a random factor is drawn from.
struct FactorRange {
  double low = 0, high = 0;
};

/// The angle in turns is uniform in the range: 0.25 is a quarter counter-clockwise. numbers is the stream of one row.
inline AffineTransform random_rotation(const RandomStream& numbers, FactorRange turns, Index height, Index width) {
  return AffineTransform::rotation(numbers.uniform(0, turns.low, turns.high) * 2 * std::numbers::pi, height, width);
}
/// The zooms are 1 + a number of each range; without a range for the width both are the same number.
inline AffineTransform random_zoom(const RandomStream& numbers, FactorRange h, std::optional<FactorRange> w,
                                   Index height, Index width) {
  const double zoom_y = 1 + numbers.uniform(0, h.low, h.high);
  return AffineTransform::zoom(zoom_y, w ? 1 + numbers.uniform(1, w->low, w->high) : zoom_y, height, width);
}
/// The shifts are fractions of the height and width.
inline AffineTransform random_translation(const RandomStream& numbers, FactorRange h, FactorRange w, Index height,
                                          Index width) {
  return AffineTransform::translation(numbers.uniform(0, h.low, h.high) * static_cast<double>(height),
                                      numbers.uniform(1, w.low, w.high) * static_cast<double>(width));
}

namespace detail {

/// A coordinate brought into 0 .. n - 1 as TensorFlow's ImageProjectiveTransformV3 does it; untouched for constant.
template <class S>
S map_coordinate(S x, Index n, FillMode fill) {
  const S length = static_cast<S>(n), last = length - 1;
  if (fill == FillMode::constant) return x;
  if (n == 1 || !(x >= 0 || x < 0)) return 0;
  if (fill == FillMode::reflect) {
    if (x < 0) {
      x += 2 * length * std::trunc(-x / (2 * length));
      x = x < -length ? x + 2 * length : -x - 1;
    } else if (x > last) {
      x -= 2 * length * std::trunc(x / (2 * length));
      if (x >= length) x = 2 * length - x - 1;
    }
  }
  if (fill == FillMode::wrap) {
    if (x < 0)
      x += length * (std::trunc(-x / last) + 1);
    else if (x > last)
      x -= length * std::trunc(x / last);
  }
  return x > 0 ? std::min(x, last) : S(0);  // infinity - infinity is no number: 0
}

/// One row of a transformed image.
template <class S>
class AffineRow {
 public:
  AffineRow(const S* image, const Shape& shape, const AffineTransform& t, const Resampling& how)
      : image_(image), height_(shape[1]), width_(shape[2]), channels_(shape[3]), t_(t), how_(how) {}

  void run(Index row, S* y) const {
    const S v = static_cast<S>(row);
    for (Index column = 0; column < width_; ++column, y += channels_) {
      const S u = static_cast<S>(column);
      const S in_x = static_cast<S>(t_.a0) * u + static_cast<S>(t_.a1) * v + static_cast<S>(t_.a2);
      const S in_y = static_cast<S>(t_.b0) * u + static_cast<S>(t_.b1) * v + static_cast<S>(t_.b2);
      sample(map_coordinate(in_x, width_, how_.fill), map_coordinate(in_y, height_, how_.fill), y);
    }
  }

 private:
  /// The pixel, or null outside of the image.
  const S* pixel(Index row, Index column) const {
    const bool inside = row >= 0 && row < height_ && column >= 0 && column < width_;
    return inside ? image_ + (row * width_ + column) * channels_ : nullptr;
  }
  S at(const S* pixel, Index channel) const { return pixel ? pixel[channel] : static_cast<S>(how_.value); }

  void sample(S x, S y, S* out) const {
    // Beyond a pixel of margin no tap is real, and the conversion to Index below stays defined; so it does for NaN.
    if (!(x > -1 && x < static_cast<S>(width_) && y > -1 && y < static_cast<S>(height_))) {
      std::fill_n(out, channels_, static_cast<S>(how_.value));
      return;
    }
    if (how_.sampling == Sampling::nearest) {
      const S* p = pixel(static_cast<Index>(std::round(y)), static_cast<Index>(std::round(x)));
      for (Index c = 0; c < channels_; ++c) out[c] = at(p, c);
      return;
    }
    const S left = std::floor(x), top = std::floor(y), wx = x - left, wy = y - top;
    const Index j = static_cast<Index>(left), i = static_cast<Index>(top);
    const S *p00 = pixel(i, j), *p01 = pixel(i, j + 1), *p10 = pixel(i + 1, j), *p11 = pixel(i + 1, j + 1);
    for (Index c = 0; c < channels_; ++c) {
      const S above = (1 - wx) * at(p00, c) + wx * at(p01, c);
      const S below = (1 - wx) * at(p10, c) + wx * at(p11, c);
      out[c] = (1 - wy) * above + wy * below;
    }
  }

  const S* image_;
  Index height_, width_, channels_;
  AffineTransform t_;
  Resampling how_;
};

}  // namespace detail

/// y = each image of x transformed by transform_of(sample); x and y are (batch, height, width, channels), y is not x.
template <class S, class F>
void affine_image(View<const S> x, const Resampling& how, View<S> y, F&& transform_of) {
  const Index rows = x.shape[1], row = x.shape[2] * x.shape[3];
  each_range(x.batch() * rows, 8 * row, [&](Index begin, Index end) {
    for (Index i = begin; i < end; ++i)
      detail::AffineRow<S>(x.sample(i / rows), x.shape, transform_of(i / rows), how).run(i % rows, y.data + i * row);
  });
}

}  // namespace graft::ops
