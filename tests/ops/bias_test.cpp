#include <graft/core/tensor.hpp>
#include <graft/ops/bias.hpp>

#include "support/catch.hpp"
#include "support/numeric.hpp"

using namespace graft;
using namespace graft::ops;

TEMPLATE_TEST_CASE("A bias is added to every row, in place too", "[ops][bias]", float, double) {
  const auto x = random_tensor<TestType>({3, 2, 5}, 1), bias = random_tensor<TestType>({5}, 2);
  Tensor<TestType> y(x.shape()), same = x;
  add_bias<TestType>(x.view(), bias.data(), y.view());
  add_bias<TestType>(std::as_const(same).view(), bias.data(), same.view());
  for (Index i = 0; i < x.size(); ++i) CHECK(y.data()[i] == x.data()[i] + bias.data()[i % 5]);
  CHECK(same_bits(same, y));
}

TEMPLATE_TEST_CASE("A bias's gradient is added: the sum of all rows", "[ops][bias][threads]", float, double) {
  const Index columns = GENERATE(1, 3, 16, 17, 33, 70), rows = GENERATE(1, 511, 513, 3000);
  const auto dy = random_tensor<TestType>({rows, columns}, 1);
  const auto gradient = [&] {
    Tensor<TestType> d({columns});
    d.array() = TestType(2);
    bias_gradient<TestType>(dy.view(), d.data());
    return d;
  };
  const Tensor<TestType> d = gradient();
  for (Index j = 0; j < columns; ++j) {
    double sum = 2, magnitude = 2;
    for (Index i = 0; i < rows; ++i) {
      sum += static_cast<double>(dy.data()[i * columns + j]);
      magnitude += std::abs(static_cast<double>(dy.data()[i * columns + j]));
    }
    // One rounding of each of the 512 additions of a chunk and of each chunk, as a random walk at worst.
    CHECK(std::abs(static_cast<double>(d.data()[j]) - sum) <=
          30 * std::numeric_limits<TestType>::epsilon() * magnitude);
  }
  CHECK(same_bits_on_any_threads(gradient));
}

TEST_CASE("A bias's gradient keeps its digits over a million rows", "[ops][bias]") {
  const Index rows = 1 << 20;
  Tensor<float> dy({rows, 1}), d({1});
  dy.array() = 0.1F;
  bias_gradient<float>(std::as_const(dy).view(), d.data());
  // Equal terms are the worst case: the errors have one sign. A single sum is off by 4 %.
  CHECK(d.data()[0] == Approx(0.1 * static_cast<double>(rows)).epsilon(1e-4));
}
