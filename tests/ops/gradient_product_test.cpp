#include <cmath>
#include <graft/core/tensor.hpp>
#include <graft/ops/gradient_product.hpp>
#include <limits>

#include "support/catch.hpp"
#include "support/numeric.hpp"

using namespace graft;
using namespace graft::ops;

namespace {

template <class S>
struct Problem {
  Index m, k, n;
  Tensor<S> a = random_tensor<S>({m, k}, 1), c = random_tensor<S>({m, n}, 2), start = random_tensor<S>({k, n}, 3);

  Tensor<S> solve() const {
    const GradientProduct<S> product(k, n);
    Buffer<S> work(product.work_size());
    Tensor<S> d = start;
    product(m, a.data(), c.data(), d.data(), work.data());
    return d;
  }
  /// The largest error in units of its bound: m products, and at most m + m / 192 + 1 additions.
  double worst(const Tensor<S>& d) const {
    double largest = 0;
    for (Index i = 0; i < k; ++i)
      for (Index j = 0; j < n; ++j) {
        double sum = start(i, j), magnitude = std::abs(sum);
        for (Index row = 0; row < m; ++row) {
          const double term = static_cast<double>(a(row, i)) * static_cast<double>(c(row, j));
          sum += term;
          magnitude += std::abs(term);
        }
        const double bound = static_cast<double>(m + 2) * std::numeric_limits<S>::epsilon() * magnitude;
        largest = std::max(largest, std::abs(static_cast<double>(d(i, j)) - sum) / bound);
      }
    return largest;
  }
};

}  // namespace

TEMPLATE_TEST_CASE("A gradient product adds the sum over rows", "[ops][gradient_product]", float, double) {
  // 8 and 4 lanes, 16 and 8 to a tile's block, 256 and 128 to an item; 192 rows to a block.
  const Index m = GENERATE(0, 1, 2, 191, 193, 400);
  const Index k = GENERATE(1, 3, 4, 7, 8, 9, 16, 17, 130, 257);
  const Index n = GENERATE(1, 2, 8, 16, 17, 33, 64, 513);
  const Problem<TestType> problem{m, k, n};
  CHECK(problem.worst(problem.solve()) <= 1);
}

TEMPLATE_TEST_CASE("A gradient product's bits do not depend on the number of threads",
                   "[ops][gradient_product][threads]", float, double) {
  const Index k = GENERATE(1, 27, 600);
  const Index n = GENERATE(1, 40, 600);
  const Problem<TestType> problem{300, k, n};
  CHECK(same_bits_on_any_threads([&] { return problem.solve(); }));
}
