#include <graft/ops/noise.hpp>

#include "support/catch.hpp"
#include "support/numeric.hpp"

using namespace graft;
using namespace graft::ops;

namespace {

Tensor<float> noisy(const Tensor<float>& x) {
  Tensor<float> y(x.shape());
  with_noise<float>(x.view(), RandomStream(1), y.view(), [](double v, double normal) { return v + normal; });
  return y;
}

}  // namespace

TEST_CASE("Every element gets its own number of its row's stream", "[ops][noise]") {
  const Tensor<float> x({3, 2}, {1, 2, 3, 4, 5, 6});
  const Tensor<float> y = noisy(x);
  for (Index row = 0; row < 3; ++row)
    for (Index i = 0; i < 2; ++i) {
      const double drawn = RandomStream(1).split(static_cast<std::uint64_t>(row)).normal(static_cast<std::uint64_t>(i));
      CHECK(y(row, i) == static_cast<float>(static_cast<double>(x(row, i)) + drawn));
    }
}

TEST_CASE("Noise has the same bits on any threads, and for row 0 alone", "[ops][noise][threads]") {
  const auto x = random_tensor<float>({7, 900}, 4);
  CHECK(same_bits_on_any_threads([&] { return noisy(x); }));
  CHECK(same_bits(noisy(x.slice(0, 1)), noisy(x).slice(0, 1)));
}
