#pragma once
#include <algorithm>
#include <cmath>
#include <graft/core/error.hpp>
#include <graft/core/view.hpp>

// Images are (height, width, channels), of any arithmetic type; results are floats. Pixel i covers [i, i + 1), so the
// centre of output pixel i lies at (i + 0.5) * in / out (half-pixel, as tf.image.resize). Nothing is allocated and no
// thread is used: callers resize many images at once.
namespace graft::ops {

/// The two pixels between which an output pixel lies, and how far it is from `low` to `high`.
struct Neighbours {
  Index low = 0, high = 0;
  float fraction = 0;
};

/// In float, as tf.image.resize computes it: positions must not differ by a rounding.
inline Neighbours neighbours(Index i, float scale, Index in) {
  const float position = (static_cast<float>(i) + 0.5F) * scale - 0.5F, floor = std::floor(position);
  const auto low = static_cast<Index>(floor);
  return {std::max<Index>(low, 0), std::min(low + 1, in - 1), position - floor};
}

inline Index nearest_index(Index i, float scale, Index in) {
  return std::min(static_cast<Index>((static_cast<float>(i) + 0.5F) * scale), in - 1);
}

/// The input pixels under the triangle of one output pixel; weight(i) is not normalised.
struct Triangle {
  Index begin = 0, end = 0;
  float centre = 0, reach = 1;

  Triangle(Index i, float scale, Index in)
      : centre((static_cast<float>(i) + 0.5F) * scale), reach(std::max(1.F, scale)) {
    begin = std::max<Index>(0, static_cast<Index>(std::ceil(centre - reach - 0.5F)));
    end = std::min(in, static_cast<Index>(std::floor(centre + reach - 0.5F)) + 1);
  }
  float weight(Index i) const { return std::max(0.F, 1 - std::abs(static_cast<float>(i) + 0.5F - centre) / reach); }
};

namespace detail {

template <class T>
void check_resize(const View<const T>& image, const View<float>& out) {
  if (image.shape.rank() != 3 || out.shape.rank() != 3 || image.shape[2] != out.shape[2] || image.size() <= 0)
    raise<ShapeError>("resize expects (height, width, channels) with the same channels and at least one pixel, got ",
                      image.shape, " to ", out.shape, ".");
}
inline float resize_scale(Index in, Index out) { return static_cast<float>(in) / static_cast<float>(out); }

}  // namespace detail

/// Linear between the four nearest pixels, the border repeated: tf.image.resize(method="bilinear", antialias=False).
/// Where an image shrinks to less than half, pixels between are never looked at. Throws ShapeError.
template <class T>
void resize_bilinear(View<const T> image, View<float> out) {
  detail::check_resize(image, out);
  const Index channels = out.shape[2], in_row = image.shape[1] * channels;
  const float scale_y = detail::resize_scale(image.shape[0], out.shape[0]);
  const float scale_x = detail::resize_scale(image.shape[1], out.shape[1]);
  float* to = out.data;
  for (Index i = 0; i < out.shape[0]; ++i) {
    const Neighbours y = neighbours(i, scale_y, image.shape[0]);
    const T *top = image.data + y.low * in_row, *bottom = image.data + y.high * in_row;
    for (Index j = 0; j < out.shape[1]; ++j) {
      const Neighbours x = neighbours(j, scale_x, image.shape[1]);
      const Index left = x.low * channels, right = x.high * channels;
      const auto across = [&](const T* row, Index c) {
        const auto a = static_cast<float>(row[left + c]), b = static_cast<float>(row[right + c]);
        return a + (b - a) * x.fraction;
      };
      for (Index c = 0; c < channels; ++c) {
        const float a = across(top, c), b = across(bottom, c);
        *to++ = a + (b - a) * y.fraction;
      }
    }
  }
}

/// The pixel whose area holds the centre: tf.image.resize(method="nearest"). Throws ShapeError.
template <class T>
void resize_nearest(View<const T> image, View<float> out) {
  detail::check_resize(image, out);
  const Index channels = out.shape[2], in_row = image.shape[1] * channels;
  const float scale_y = detail::resize_scale(image.shape[0], out.shape[0]);
  const float scale_x = detail::resize_scale(image.shape[1], out.shape[1]);
  float* to = out.data;
  for (Index i = 0; i < out.shape[0]; ++i) {
    const T* row = image.data + nearest_index(i, scale_y, image.shape[0]) * in_row;
    for (Index j = 0; j < out.shape[1]; ++j) {
      const T* pixel = row + nearest_index(j, scale_x, image.shape[1]) * channels;
      for (Index c = 0; c < channels; ++c) *to++ = static_cast<float>(pixel[c]);
    }
  }
}

/// Every input pixel counts: a triangle as wide as two output pixels, its weights normalised over the pixels there are:
/// tf.image.resize(method="bilinear", antialias=True), and what PIL calls bilinear. Equal to resize_bilinear() where
/// the image grows. Throws ShapeError.
template <class T>
void resize_antialias(View<const T> image, View<float> out) {
  detail::check_resize(image, out);
  const Index channels = out.shape[2], in_row = image.shape[1] * channels;
  const float scale_y = detail::resize_scale(image.shape[0], out.shape[0]);
  const float scale_x = detail::resize_scale(image.shape[1], out.shape[1]);
  float* to = out.data;
  for (Index i = 0; i < out.shape[0]; ++i) {
    const Triangle y(i, scale_y, image.shape[0]);
    for (Index j = 0; j < out.shape[1]; ++j, to += channels) {
      const Triangle x(j, scale_x, image.shape[1]);
      float total = 0;
      std::fill_n(to, channels, 0.F);
      for (Index p = y.begin; p < y.end; ++p)
        for (Index q = x.begin; q < x.end; ++q) {
          const float weight = y.weight(p) * x.weight(q);
          const T* pixel = image.data + p * in_row + q * channels;
          for (Index c = 0; c < channels; ++c) to[c] += weight * static_cast<float>(pixel[c]);
          total += weight;
        }
      for (Index c = 0; c < channels; ++c) to[c] /= total;
    }
  }
}

}  // namespace graft::ops
