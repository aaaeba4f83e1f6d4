#include <graft/ops/flip.hpp>

#include "support/catch.hpp"
#include "support/numeric.hpp"

using namespace graft;
using namespace graft::ops;

namespace {

Tensor<float> flipped(const Tensor<float>& x, Flip how) {
  Tensor<float> y(x.shape());
  flip<float>(x.view(), y.view(), [&](Index sample) { return sample == 1 ? Flip{} : how; });
  return y;
}

}  // namespace

TEST_CASE("Images are mirrored left and right, top and bottom", "[ops][flip][threads]") {
  const Flip how = GENERATE(Flip{true, false}, Flip{false, true}, Flip{true, true}, Flip{});
  const Tensor<float> x = random_tensor<float>({3, 4, 5, 3}, 1), y = flipped(x, how);
  bool right = true;
  for (Index i = 0; i < 4; ++i)
    for (Index j = 0; j < 5; ++j)
      for (Index c = 0; c < 3; ++c)
        right = right && y(2, i, j, c) == x(2, how.vertical ? 3 - i : i, how.horizontal ? 4 - j : j, c);
  CHECK(right);
  CHECK(same_bits(y[1], x[1]));
  CHECK(same_bits(flipped(y, how), x));
  CHECK(same_bits_on_any_threads([&] { return flipped(random_tensor<float>({5, 60, 50, 3}, 2), how); }));
}

TEST_CASE("A random flip takes all directions or none, half of the time each", "[ops][flip]") {
  const RandomStream stream(3);
  int flips = 0;
  for (std::uint64_t row = 0; row < 1000; ++row) {
    const Flip both = random_flip(stream.split(row), {true, true}), one = random_flip(stream.split(row), {true, false});
    CHECK(both.horizontal == both.vertical);
    CHECK(one.horizontal == both.horizontal);
    CHECK_FALSE(one.vertical);
    flips += both.horizontal;
  }
  CHECK(std::abs(flips - 500) < 80);  // the standard deviation of 1000 coins is 16
}
