#include <graft/ops/window.hpp>

#include "support/catch.hpp"

using namespace graft;
using namespace graft::ops;

TEST_CASE("A valid window fits floor((n - extent) / stride) + 1 times", "[ops][window]") {
  CHECK(WindowAxis{3, 1, 1, Padding::valid}.output(5) == 3);
  CHECK(WindowAxis{3, 2, 1, Padding::valid}.output(6) == 2);
  CHECK(WindowAxis{3, 1, 2, Padding::valid}.output(5) == 1);
  CHECK(WindowAxis{2, 3, 1, Padding::valid}.output(8) == 3);  // stride beyond the kernel
  CHECK(WindowAxis{3, 2, 1, Padding::valid}.output(2) == 0);
  CHECK(WindowAxis{3, 2, 1, Padding::valid}.before(7) == 0);
  CHECK(WindowAxis{3, 2, 1, Padding::valid}.after(7) == 0);
}

TEST_CASE("Same padding puts the odd element at the end", "[ops][window]") {
  const WindowAxis even{2, 1, 1, Padding::same};
  CHECK(even.output(5) == 5);
  CHECK(even.before(5) == 0);
  CHECK(even.after(5) == 1);
  const WindowAxis strided{3, 2, 1, Padding::same};
  CHECK(strided.output(224) == 112);
  CHECK(strided.before(224) == 0);
  CHECK(strided.after(224) == 1);
  CHECK(strided.before(225) == 1);
  CHECK(strided.after(225) == 1);
  const WindowAxis dilated{3, 1, 2, Padding::same};
  CHECK(dilated.before(7) == 2);
  CHECK(dilated.after(7) == 2);
  CHECK(WindowAxis{2, 5, 1, Padding::same}.before(7) == 0);  // no negative padding
}

TEST_CASE("Causal padding comes first", "[ops][window]") {
  const WindowAxis axis{3, 2, 1, Padding::causal};
  CHECK(axis.output(7) == 4);
  CHECK(axis.before(7) == 2);
  CHECK(axis.after(7) == 0);
  CHECK(WindowAxis{3, 1, 4, Padding::causal}.before(7) == 8);
  CHECK(WindowAxis{1, 5, 1, Padding::causal}.before(7) == 0);
}

TEST_CASE("An unknown length stays unknown", "[ops][window]") {
  CHECK(WindowAxis{3, 2, 1, Padding::valid}.output(None) == None);
  const Window2D window({3, 5}, {2, 1}, {1, 1}, Padding::same);
  CHECK(window.output_shape({None, None, 9, 3}, 8) == Shape{None, None, 9, 8});
  CHECK(window.taps() == 15);
}

TEST_CASE("taps() are the kernel positions inside the image", "[ops][window]") {
  const Index kernel = GENERATE(1, 2, 3, 5);
  const Index stride = GENERATE(1, 2, 4);
  const Index dilation = GENERATE(1, 2, 3);
  const Padding padding = GENERATE(Padding::valid, Padding::same, Padding::causal);
  const WindowAxis axis{kernel, stride, dilation, padding};
  for (Index n = 1; n < 12; ++n)
    for (Index i = 0; i < axis.output(n); ++i) {
      const Taps taps = axis.taps(axis.first(i, n), n);
      Index inside = 0;
      for (Index k = 0; k < kernel; ++k) {
        const Index at = i * stride - axis.before(n) + k * dilation;
        const bool is_inside = at >= 0 && at < n;
        inside += is_inside;
        CHECK(is_inside == (k >= taps.begin && k < taps.end));
      }
      CHECK(inside == taps.count());
    }
}

TEST_CASE("padding_from_name knows Keras's names and no other", "[ops][window]") {
  CHECK(padding_from_name("valid", "Conv2D 'a'") == Padding::valid);
  CHECK(padding_from_name("SAME", "Conv2D 'a'") == Padding::same);
  CHECK_THROWS_WITH(padding_from_name("full", "Conv2D 'a'"),
                    "Conv2D 'a': padding must be \"valid\" or \"same\", got \"full\".");
  CHECK_THROWS_AS(padding_from_name("", "Conv2D 'a'"), ArgumentError);
  CHECK(padding_from_name("Causal", "Conv1D 'a'", true) == Padding::causal);
  CHECK_THROWS_WITH(padding_from_name("full", "Conv1D 'a'", true),
                    "Conv1D 'a': padding must be \"valid\", \"same\" or \"causal\", got \"full\".");
}
