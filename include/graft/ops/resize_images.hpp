#pragma once
#include <graft/ops/lanes.hpp>
#include <graft/ops/parallel.hpp>
#include <graft/ops/resize.hpp>
#include <graft/ops/sampling.hpp>

// ops/resize.hpp for batches of images (batch, height, width, channels): on threads, with vectors of channels, and with
// a gradient.
namespace graft::ops {

/// A part of every image.
struct ImageWindow {
  Index top = 0, left = 0, height = 0, width = 0;

  /// So many pixels in the middle; of an odd rest one more is left at the bottom and at the right.
  static ImageWindow middle(const Shape& x, Index height, Index width) {
    return {(x[1] - height) / 2, (x[2] - width) / 2, height, width};
  }
  static ImageWindow whole(const Shape& x) { return {0, 0, x[1], x[2]}; }
  /// The largest part in the middle that has the proportions of height and width. Source: keras.utils.smart_resize.
  static ImageWindow of_proportions(const Shape& x, Index height, Index width) {
    const Index fitting_height = std::clamp<Index>(x[2] * height / width, 1, x[1]);
    const Index fitting_width = std::clamp<Index>(x[1] * width / height, 1, x[2]);
    return middle(x, fitting_height, fitting_width);
  }
};

namespace detail {

/// The images' geometry: what is read for one row of the output.
struct ResizedRows {
  Shape x, y;
  ImageWindow window;
  Sampling sampling;
  const Neighbours* columns;

  Neighbours row(Index i) const { return neighbours_of(i, window.top, window.height, y[1]); }
  /// Where row i of an image begins, of its elements, in the window's first column.
  Index offset(Index i) const { return (i * x[2] + window.left) * x[3]; }
  Neighbours neighbours_of(Index i, Index first, Index in, Index out) const {
    const float scale = resize_scale(in, out);
    if (sampling == Sampling::nearest) {
      const Index nearest = first + nearest_index(i, scale, in);
      return {nearest, nearest, 0};
    }
    const Neighbours n = neighbours(i, scale, in);
    return {first + n.low, first + n.high, n.fraction};
  }
  void find_columns(Neighbours* to) {
    for (Index j = 0; j < y[2]; ++j) to[j] = neighbours_of(j, 0, window.width, y[2]);
    columns = to;
  }
  bool copies_rows() const { return sampling == Sampling::nearest && window.width == y[2]; }
};

/// One row of the output between two rows of the input.
struct BilinearRow {
  template <class Simd, class S>
  GRAFT_INLINE static void run(const ResizedRows* r, const S* top, const S* bottom, float fraction, S* to) {
    using L = Lanes<Simd>;
    const Index channels = r->x[3];
    const L down(static_cast<double>(fraction));
    for (Index j = 0; j < r->y[2]; ++j, to += channels) {
      const Index left = r->columns[j].low * channels, right = r->columns[j].high * channels;
      if (channels < 4) {  // less than the narrowest vector of floats: 1.35 times as fast
        const S right_share = static_cast<S>(r->columns[j].fraction), bottom_share = static_cast<S>(fraction);
        for (Index c = 0; c < channels; ++c) {
          const S above = top[left + c] + (top[right + c] - top[left + c]) * right_share;
          const S below = bottom[left + c] + (bottom[right + c] - bottom[left + c]) * right_share;
          to[c] = above + (below - above) * bottom_share;
        }
        continue;
      }
      const L across(static_cast<double>(r->columns[j].fraction));
      each_block<L>(channels, [&](Index c, auto count) GRAFT_INLINE_LAMBDA {
        const L a = L::load(top + left + c, count), b = L::load(bottom + left + c, count);
        const L above = a + (L::load(top + right + c, count) - a) * across;
        const L below = b + (L::load(bottom + right + c, count) - b) * across;
        (above + (below - above) * down).store(to + c, count);
      });
    }
  }
};
/// Adds the gradient of one row of the output to the two rows.
struct BilinearRowGradient {
  template <class Simd, class S>
  GRAFT_INLINE static void run(const ResizedRows* r, const S* dy, float fraction, S* top, S* bottom) {
    using L = Lanes<Simd>;
    const Index channels = r->x[3];
    const L down(static_cast<double>(fraction));
    for (Index j = 0; j < r->y[2]; ++j, dy += channels) {
      const L across(static_cast<double>(r->columns[j].fraction));
      const auto add = [&](S* row, Index column, const L& share) GRAFT_INLINE_LAMBDA {
        each_block<L>(channels, [&](Index c, auto count) GRAFT_INLINE_LAMBDA {
          S* to = row + column * channels + c;
          (L::load(to, count) + L::load(dy + c, count) * share).store(to, count);
        });
      };
      add(top, r->columns[j].low, (1 - down) * (1 - across));
      add(top, r->columns[j].high, (1 - down) * across);
      add(bottom, r->columns[j].low, down * (1 - across));
      add(bottom, r->columns[j].high, down * across);
    }
  }
};
struct NearestRowGradient {
  template <class Simd, class S>
  GRAFT_INLINE static void run(const ResizedRows* r, const S* dy, S* row) {
    using L = Lanes<Simd>;
    const Index channels = r->x[3];
    for (Index j = 0; j < r->y[2]; ++j, dy += channels)
      each_block<L>(channels, [&](Index c, auto count) GRAFT_INLINE_LAMBDA {
        S* to = row + r->columns[j].low * channels + c;
        (L::load(to, count) + L::load(dy + c, count)).store(to, count);
      });
  }
};

template <class S>
void nearest_row(const ResizedRows& r, const S* from, S* to) {
  const Index channels = r.x[3];
  if (r.copies_rows())
    std::copy_n(from, r.y[2] * channels, to);
  else if (channels == 1)
    for (Index j = 0; j < r.y[2]; ++j) to[j] = from[r.columns[j].low];
  else
    for (Index j = 0; j < r.y[2]; ++j, to += channels) std::copy_n(from + r.columns[j].low * channels, channels, to);
}

}  // namespace detail

/// y = the window of each image, resized to the height and width of y: as resize_bilinear() or resize_nearest() do it.
/// `columns` is scratch for y's width.
template <class S>
void resize_images(View<const S> x, const ImageWindow& window, Sampling sampling, View<S> y, Neighbours* columns) {
  detail::ResizedRows r{x.shape, y.shape, window, sampling, nullptr};
  r.find_columns(columns);
  const Index rows = y.shape[1], row_size = y.shape[2] * y.shape[3];
  with_isa<S>([&](auto simd) {
    each_range(y.batch() * rows, row_size, [&](Index begin, Index end) {
      for (Index i = begin; i < end; ++i) {
        const Neighbours at = r.row(i % rows);
        const S* image = x.sample(i / rows);
        S* to = y.data + i * row_size;
        if (sampling == Sampling::bilinear)
          Compiled<decltype(simd), detail::BilinearRow>::run(&r, image + r.offset(at.low), image + r.offset(at.high),
                                                             at.fraction, to);
        else if (i > begin && i % rows > 0 && r.row(i % rows - 1).low == at.low)
          std::copy_n(to - row_size, row_size, to);
        else
          detail::nearest_row(r, image + r.offset(at.low), to);
      }
    });
  });
}

/// dx = 0, plus each dy by the weights with which resize_images() took the pixels.
template <class S>
void resize_images_gradient(View<const S> dy, const ImageWindow& window, Sampling sampling, View<S> dx,
                            Neighbours* columns) {
  detail::ResizedRows r{dx.shape, dy.shape, window, sampling, nullptr};
  r.find_columns(columns);
  const Index rows = dy.shape[1], row_size = dy.shape[2] * dy.shape[3];
  with_isa<S>([&](auto simd) {
    each_range(dx.batch(), dx.sample_size() + dy.sample_size(), [&](Index begin, Index end) {
      std::fill_n(dx.sample(begin), (end - begin) * dx.sample_size(), S(0));
      for (Index i = begin * rows; i < end * rows; ++i) {
        const Neighbours at = r.row(i % rows);
        S* image = dx.sample(i / rows);
        if (sampling == Sampling::bilinear)
          Compiled<decltype(simd), detail::BilinearRowGradient>::run(
              &r, dy.data + i * row_size, at.fraction, image + r.offset(at.low), image + r.offset(at.high));
        else
          Compiled<decltype(simd), detail::NearestRowGradient>::run(&r, dy.data + i * row_size,
                                                                    image + r.offset(at.low));
      }
    });
  });
}

}  // namespace graft::ops
