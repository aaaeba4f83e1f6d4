#pragma once
#include <graft/core/random.hpp>
#include <graft/core/view.hpp>
#include <graft/ops/parallel.hpp>

namespace graft::ops {

/// Which way an image is mirrored: left and right, top and bottom.
struct Flip {
  bool horizontal = false, vertical = false;
};

/// One coin for both directions, as Keras's RandomFlip has it: an image is flipped in all the given directions or in
/// none, each with probability 1/2. numbers is the stream of one row.
inline Flip random_flip(const RandomStream& numbers, Flip directions) {
  return numbers.uniform(0) <= 0.5 ? directions : Flip{};
}

/// y = each image of x flipped by flip_of(sample); x and y are (batch, height, width, channels), y is not x.
template <class S, class F>
void flip(View<const S> x, View<S> y, F&& flip_of) {
  const Index rows = x.shape[1], width = x.shape[2], channels = x.shape[3], row = width * channels;
  each_range(x.batch() * rows, row, [&](Index begin, Index end) {
    for (Index i = begin; i < end; ++i) {
      const Flip how = flip_of(i / rows);
      const S* from = x.sample(i / rows) + (how.vertical ? rows - 1 - i % rows : i % rows) * row;
      S* to = y.data + i * row;
      if (!how.horizontal)
        std::copy_n(from, row, to);
      else
        for (Index j = 0; j < width; ++j)
          for (Index c = 0; c < channels; ++c) to[j * channels + c] = from[(width - 1 - j) * channels + c];
    }
  });
}

}  // namespace graft::ops
