#include <graft/ops/winograd_kernel_gradient.hpp>

#include "support/catch.hpp"
#include "support/numeric.hpp"

using namespace graft;
using namespace graft::ops;

TEMPLATE_TEST_CASE("A kernel's gradient is the same sum in many blocks of tiles", "[ops][winograd][threads]", float,
                   double) {
  const Index channels = GENERATE(17, 70), filters = GENERATE(16, 45);
  constexpr Index batch = 2, size = 36, tiles = batch * 9 * 9;  // blocks of 64 tiles at most: 54, 54 and 54
  const auto x = random_tensor<TestType>({batch, size, size, channels}, 1);
  const auto dy = random_tensor<TestType>({batch, size, size, filters}, 2);
  const auto gradient = [&](Index cache_bytes) {
    const winograd::KernelGradient<TestType> sum(channels, filters, cache_bytes);
    Tensor<TestType> dw({3, 3, channels, filters});
    dw.array() = TestType(1);  // must be added to
    Buffer<TestType> work(sum.work_size(tiles));
    const auto view = [&](const Tensor<TestType>& t, Index first) {
      return winograd::Tiles<const TestType>{.images = t.data(),
                                             .height = size,
                                             .width = size,
                                             .channels = t.shape()[3],
                                             .rows = 9,
                                             .columns = 9,
                                             .first_y = first,
                                             .first_x = first};
    };
    sum.add(tiles, view(x, -1), view(dy, 0), dw.data(), work.data());
    return dw;
  };
  const Tensor<TestType> whole = gradient(Index{1} << 30), blocks = gradient(0);
  CHECK_FALSE(same_bits(whole, blocks));  // or there was one block
  double squares = 0, errors = 0;
  for (Index i = 0; i < whole.size(); ++i) {
    const double value = static_cast<double>(whole.data()[i]), error = value - static_cast<double>(blocks.data()[i]);
    squares += value * value;
    errors += error * error;
  }
  // Sums of 162 tiles in another order; A and G multiply their roundings: 22 was measured, for float and for double.
  CHECK(std::sqrt(errors / squares) < 40 * std::numeric_limits<TestType>::epsilon());
  CHECK(same_bits_on_any_threads([&] { return gradient(0); }));
}
