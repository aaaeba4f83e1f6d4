#include <graft/ops/transposed_window.hpp>

#include "support/catch.hpp"

using namespace graft;
using namespace graft::ops;

TEST_CASE("The window makes of a transposed length what that was made of", "[ops][window]") {
  const Index kernel = GENERATE(1, 2, 3, 4, 7), stride = GENERATE(1, 2, 3), dilation = GENERATE(1, 2);
  const Padding padding = GENERATE(Padding::valid, Padding::same);
  const Window2D window(kernel, stride, dilation, padding);
  for (Index n = 1; n < 6; ++n) {
    const Index own = TransposedWindow2D{window}.output_shape({1, n, n, 3}, 2)[1];
    CHECK(window.height.output(own) == n);
    for (Index more = 0; more < stride; ++more) {
      const TransposedWindow2D transposed{window, Size2D(more, 0)};
      if (!transposed.fits()) continue;
      CHECK(window.height.output(transposed.output_shape({1, n, n, 3}, 2)[1]) == n);
    }
  }
}

TEST_CASE("Transposed lengths are Keras's", "[ops][window]") {
  const auto length = [](Index kernel, Index stride, Padding padding, std::optional<Size2D> more = {}) {
    return TransposedWindow2D{Window2D(kernel, stride, 1, padding), more}.output_shape({None, 4, None, 3}, 2);
  };
  CHECK(length(3, 2, Padding::valid) == Shape{None, 9, None, 2});
  CHECK(length(2, 3, Padding::valid) == Shape{None, 12, None, 2});
  CHECK(length(3, 2, Padding::same) == Shape{None, 8, None, 2});
  CHECK(length(2, 3, Padding::valid, 1) == Shape{None, 12, None, 2});
  CHECK(length(3, 2, Padding::same, 0) == Shape{None, 7, None, 2});
  CHECK(length(4, 2, Padding::same, 1) == Shape{None, 7, None, 2});
}

TEST_CASE("An even kernel with same padding needs an output padding above 0", "[ops][window]") {
  CHECK_FALSE(TransposedWindow2D{Window2D(4, 2, 1, Padding::same), Size2D(0)}.fits());
  CHECK_FALSE(TransposedWindow2D{Window2D({3, 4}, 2, 1, Padding::same), Size2D(0)}.fits());
  CHECK(TransposedWindow2D{Window2D(4, 2, 1, Padding::same), Size2D(1)}.fits());
  CHECK(TransposedWindow2D{Window2D(4, 2, 1, Padding::valid), Size2D(0)}.fits());
  CHECK(TransposedWindow2D{Window2D(4, 2, 1, Padding::same)}.fits());
}
