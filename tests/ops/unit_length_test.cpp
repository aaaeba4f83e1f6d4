#include <graft/ops/unit_length.hpp>

#include "support/catch.hpp"
#include "support/numeric.hpp"

using namespace graft;
using namespace graft::ops;

namespace {

Tensor<double> unit(const Tensor<double>& x, Index axis) {
  Tensor<double> y(x.shape());
  to_unit_length<double>(x.view(), axis, y.view());
  return y;
}

}  // namespace

TEST_CASE("Vectors get length 1 along any axis", "[ops][unit_length]") {
  const auto x = random_tensor<double>({2, 3, 4}, 1);
  for (const Index axis : {1, 2, -1}) {
    const Index at = axis < 0 ? axis + 3 : axis;
    const Tensor<double> y = unit(x, axis);
    for (Index b = 0; b < 2; ++b)
      for (Index i = 0; i < (at == 1 ? 4 : 3); ++i) {
        double squares = 0;
        for (Index k = 0; k < (at == 1 ? 3 : 4); ++k) squares += std::pow(at == 1 ? y(b, k, i) : y(b, i, k), 2);
        CHECK_THAT(squares, WithinAbs(1, 1e-15));
      }
  }
  CHECK(same_bits(unit(Tensor<double>({1, 2}, {0, 0}), 1), Tensor<double>({1, 2}, {0, 0})));
  CHECK(same_bits(unit(Tensor<double>({1, 2}, {0, 0x1p-30}), 1), Tensor<double>({1, 2}, {0, 0x1p-30 * 1e7})));
}

TEST_CASE("The gradient of unit length equals central differences", "[ops][unit_length][gradient]") {
  auto x = random_tensor<double>({2, 3, 4}, 1);
  const auto dy = random_tensor<double>(x.shape(), 2);
  for (const Index axis : {1, 2}) {
    Tensor<double> dx(x.shape());
    unit_length_gradient<double>(x.view(), dy.view(), axis, dx.view());
    CHECK(relative_error(dx, numeric_gradient(x, [&] { return dot(unit(x, axis), dy); })) < 1e-7);
  }
}

TEST_CASE("Short vectors are multiplied by a constant", "[ops][unit_length][gradient]") {
  const Tensor<double> x({1, 2}, {0, 0x1p-30}), dy({1, 2}, {3, 5});
  Tensor<double> dx(x.shape());
  unit_length_gradient<double>(x.view(), dy.view(), 1, dx.view());
  CHECK(same_bits(dx, Tensor<double>({1, 2}, {3e7, 5e7})));
}
