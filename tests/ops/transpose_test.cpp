#include <graft/ops/transpose.hpp>

#include "support/catch.hpp"
#include "support/numeric.hpp"

using namespace graft;
using namespace graft::ops;

namespace {

Tensor<double> in_order(const Tensor<double>& x, const Shape& order) {
  Tensor<double> y(transposed(x.shape(), order));
  transpose<double>(x.view(), order, y.view());
  return y;
}

}  // namespace

TEST_CASE("Every element goes to its place in the new order", "[ops][transpose]") {
  const auto x = random_tensor<double>({2, 3, 4, 5}, 1);
  for (const Shape& order : std::vector<Shape>{{0, 1, 2, 3}, {0, 3, 1, 2}, {0, 2, 3, 1}, {0, 2, 1, 3}, {3, 1, 0, 2}}) {
    const auto y = in_order(x, order);
    bool right = true;
    for (Index a = 0; a < 2; ++a)
      for (Index b = 0; b < 3; ++b)
        for (Index c = 0; c < 4; ++c)
          for (Index d = 0; d < 5; ++d) {
            const Index at[] = {a, b, c, d};
            right = right && y(at[order[0]], at[order[1]], at[order[2]], at[order[3]]) == x(a, b, c, d);
          }
    INFO(order);
    CHECK(right);
    CHECK(same_bits(in_order(y, inverse_order(order)), x));
  }
}

TEST_CASE("A vector has one order", "[ops][transpose]") {
  const auto x = random_tensor<double>({7}, 1);
  CHECK(same_bits(in_order(x, {0}), x));
}

TEST_CASE("Threads share a transposition", "[ops][transpose][threads]") {
  const auto x = random_tensor<double>({5, 60, 70}, 1);
  CHECK(same_bits_on_any_threads([&] { return in_order(x, {0, 2, 1}); }));
}
