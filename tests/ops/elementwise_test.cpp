#include <graft/ops/elementwise.hpp>

#include "support/catch.hpp"
#include "support/numeric.hpp"

using namespace graft;
using namespace graft::ops;

TEST_CASE("One tensor is added into another", "[ops][elementwise][threads]") {
  const Tensor<float> x = random_tensor<float>({3, 7, 1001}, 1), start = random_tensor<float>(x.shape(), 2);
  const auto sum = [&] {
    Tensor<float> y = start;
    add_into<float>(y.view(), x.view());
    return y;
  };
  const Tensor<float> y = sum();
  bool right = true;
  for (Index i = 0; i < y.size(); ++i) right = right && y.data()[i] == start.data()[i] + x.data()[i];
  CHECK(right);
  CHECK(same_bits_on_any_threads(sum));
}

TEST_CASE("Rescaling multiplies and adds", "[ops][elementwise]") {
  const Tensor<double> x({1, 3}, {0, 128, 256});
  Tensor<double> y(x.shape());
  scale_and_offset<double>(x.view(), 1 / 128.0, -1, y.view());  // exact, with or without fused multiply-add
  CHECK(same_bits(y, Tensor<double>({1, 3}, {-1, 0, 1})));
}
