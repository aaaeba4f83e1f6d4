#include <cmath>
#include <graft/core/tensor.hpp>
#include <graft/ops/matrix_product.hpp>
#include <limits>

#include "support/catch.hpp"
#include "support/numeric.hpp"

using namespace graft;
using namespace graft::ops;

namespace {

template <class S>
struct Problem {
  Index m, k, n;
  Tensor<S> a = random_tensor<S>({m, k}, 1), b = random_tensor<S>({k, n}, 2), bias = random_tensor<S>({n}, 3);

  Tensor<S> solve(const Activation& activation = {}) const { return solve(activation, &MatrixProduct<S>::pack, b); }
  Tensor<S> solve_transposed() const {
    return solve({}, &MatrixProduct<S>::pack_transposed, Tensor<S>(b.matrix().transpose()));
  }
  template <class Pack>
  Tensor<S> solve(const Activation& activation, Pack pack, const Tensor<S>& right) const {
    const MatrixProduct<S> product(k, n);
    Buffer<S> packed(product.packed_size()), work(product.work_size(m));
    Tensor<S> c({m, n});
    (product.*pack)(right.data(), packed.data());
    product(m, a.data(), packed.data(), c.data(), {bias.data(), activation}, work.data());
    return c;
  }
  /// The largest error of a linear c, in units of its bound: k products and k + 1 additions, each rounded once.
  double worst(const Tensor<S>& c) const {
    double largest = 0;
    for (Index i = 0; i < m; ++i)
      for (Index j = 0; j < n; ++j) {
        double sum = bias(j), magnitude = std::abs(sum);
        for (Index l = 0; l < k; ++l) {
          const double term = static_cast<double>(a(i, l)) * static_cast<double>(b(l, j));
          sum += term;
          magnitude += std::abs(term);
        }
        const double bound = static_cast<double>(k + 2) * std::numeric_limits<S>::epsilon() * magnitude;
        largest = std::max(largest, std::abs(static_cast<double>(c(i, j)) - sum) / bound);
      }
    return largest;
  }
};

}  // namespace

TEMPLATE_TEST_CASE("A product equals the sum of products", "[ops][matrix_product]", float, double) {
  // 14 and 6 rows, 32, 16 and 8 columns are the microkernels' sizes, 640 and 320 the longest chunks, 112 rows a tile.
  const Index m = GENERATE(1, 2, 7, 13, 14, 15, 112, 113);
  const Index k = GENERATE(1, 3, 15, 16, 17, 320, 641);
  const Index n = GENERATE(1, 3, 8, 16, 17, 31, 32, 33, 80);
  const Problem<TestType> problem{m, k, n};
  CHECK(problem.worst(problem.solve()) <= 1);
}

TEMPLATE_TEST_CASE("A product with a transposed B has the bits of the product", "[ops][matrix_product]", float,
                   double) {
  const Index k = GENERATE(1, 17, 700);
  const Index n = GENERATE(1, 33, 96);
  const Problem<TestType> problem{5, k, n};
  CHECK(same_bits(problem.solve_transposed(), problem.solve()));
}

TEST_CASE("Empty products are defined", "[ops][matrix_product]") {
  CHECK(Problem<float>{0, 4, 3}.solve().empty());
  CHECK(Problem<float>{4, 3, 0}.solve().empty());
  const Problem<float> no_terms{3, 0, 5};
  const Tensor<float> c = no_terms.solve();
  for (Index i = 0; i < 3; ++i) CHECK(same_bits(c[i], no_terms.bias));
}

TEMPLATE_TEST_CASE("An activation in the epilogue has the bits of one applied afterwards", "[ops][matrix_product]",
                   float, double) {
  Activation leaky = Activation::of(ActivationKind::relu);
  leaky.negative_slope = 0.1;
  const Activation activation =
      GENERATE_COPY(Activation::of(ActivationKind::relu), leaky, Activation::of(ActivationKind::relu6),
                    Activation::of(ActivationKind::elu));
  const Index n = GENERATE(5, 32, 70);
  const Index k = GENERATE(9, 900);
  const Problem<TestType> problem{30, k, n};
  Tensor<TestType> afterwards = problem.solve();
  apply_activation(activation, afterwards.data(), afterwards.size());
  CHECK(same_bits(problem.solve(activation), afterwards));
}

TEST_CASE("A fused relu lets NaN through", "[ops][matrix_product]") {
  Problem<float> problem{3, 4, 33};
  problem.a(1, 0) = std::numeric_limits<float>::quiet_NaN();
  const Tensor<float> c = problem.solve(Activation::of(ActivationKind::relu));
  for (Index i = 0; i < 3; ++i)
    for (Index j = 0; j < 33; ++j) CHECK(std::isnan(c(i, j)) == (i == 1));
}

TEMPLATE_TEST_CASE("A product's bits do not depend on the number of threads", "[ops][matrix_product][threads]", float,
                   double) {
  const Index m = GENERATE(1, 16, 50, 300);
  const Index n = GENERATE(1, 40, 200);
  const Problem<TestType> problem{m, 1000, n};
  CHECK(same_bits_on_any_threads([&] { return problem.solve(Activation::of(ActivationKind::relu)); }));
}

TEMPLATE_TEST_CASE("A row has the same bits alone and among others", "[ops][matrix_product]", float, double) {
  const Index k = GENERATE(5, 100, 1500);
  const Index n = GENERATE(3, 32, 100);
  const Problem<TestType> all{131, k, n};
  const Tensor<TestType> expected = all.solve();
  for (const Index rows : {1, 2, 29}) {
    Problem<TestType> part{rows, k, n};
    part.a = all.a.slice(131 - rows, 131);
    CHECK(same_bits(part.solve(), expected.slice(131 - rows, 131)));
  }
}

TEST_CASE("Work memory for many rows is enough for fewer", "[ops][matrix_product]") {
  const MatrixProduct<float> product(700, 50);
  for (Index m = 1; m < 300; ++m) CHECK(product.work_size(m) <= product.work_size(m + 1));
}
