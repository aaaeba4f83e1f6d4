#include <graft/ops/padding.hpp>

#include "support/catch.hpp"
#include "support/numeric.hpp"

using namespace graft;
using namespace graft::ops;

namespace {

Tensor<float> pad(const Tensor<float>& x, const Margins& margins) {
  Tensor<float> y(margins.padded(x.shape()));
  zero_pad<float>(x.view(), margins, y.view());
  return y;
}
Tensor<float> without(const Tensor<float>& x, const Margins& margins) {
  Tensor<float> y(margins.cropped(x.shape()));
  crop<float>(x.view(), margins, y.view());
  return y;
}

}  // namespace

TEST_CASE("Margins change height and width", "[ops][padding]") {
  CHECK(Margins{1, 2, 3, 4}.padded({None, 5, None, 3}) == Shape{None, 8, None, 3});
  CHECK(Margins{1, 2, 3, 4}.cropped({2, 5, 9, 3}) == Shape{2, 2, 2, 3});
}

TEST_CASE("Zero padding surrounds an image with zeros and cropping takes them away", "[ops][padding][threads]") {
  const Margins margins = GENERATE(Margins{1, 1, 1, 1}, Margins{0, 1, 0, 1}, Margins{3, 0, 2, 5}, Margins{});
  const Tensor<float> x = random_tensor<float>({3, 5, 7, 2}, 1), y = pad(x, margins);
  bool right = true;
  for (Index n = 0; n < 3; ++n)
    for (Index i = 0; i < y.shape()[1]; ++i)
      for (Index j = 0; j < y.shape()[2]; ++j)
        for (Index c = 0; c < 2; ++c) {
          const Index r = i - margins.top, s = j - margins.left;
          const bool inside = r >= 0 && r < 5 && s >= 0 && s < 7;
          right = right && y(n, i, j, c) == (inside ? x(n, r, s, c) : 0);
        }
  CHECK(right);
  CHECK(same_bits(without(y, margins), x));
}

TEST_CASE("Padding has the same bits on any threads", "[ops][padding][threads]") {
  const Margins margins{2, 3, 1, 0};
  const Tensor<float> x = random_tensor<float>({5, 31, 33, 7}, 2);
  CHECK(same_bits_on_any_threads([&] { return pad(x, margins); }));
  CHECK(same_bits_on_any_threads([&] { return without(x, margins); }));
}
