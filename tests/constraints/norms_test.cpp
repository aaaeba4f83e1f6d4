#include <graft/constraints/norms.hpp>
#include <graft/core/tensor.hpp>

#include "support/catch.hpp"
#include "support/numeric.hpp"

using namespace graft;
using constraints::Norms;

namespace {

/// Every element replaced by its own norm, by the definition.
Tensor<double> slow_norms(const Tensor<double>& w, const std::array<bool, 3>& summed) {
  Tensor<double> norms(w.shape());
  const Shape& s = w.shape();
  const auto same = [&](Index a, Index b, std::size_t axis) { return summed[axis] || a == b; };
  for (Index i = 0; i < s[0]; ++i)
    for (Index j = 0; j < s[1]; ++j)
      for (Index k = 0; k < s[2]; ++k) {
        double sum = 0;
        for (Index a = 0; a < s[0]; ++a)
          for (Index b = 0; b < s[1]; ++b)
            for (Index c = 0; c < s[2]; ++c)
              if (same(a, i, 0) && same(b, j, 1) && same(c, k, 2)) sum += w(a, b, c) * w(a, b, c);
        norms(i, j, k) = std::sqrt(sum);
      }
  return norms;
}

}  // namespace

TEST_CASE("Norms are taken along any axes", "[constraints][norms]") {
  struct Case {
    Axes axes;
    std::array<bool, 3> summed;
  };
  const Case c = GENERATE(values<Case>({{0, {true, false, false}},
                                        {1, {false, true, false}},
                                        {-1, {false, false, true}},
                                        {{0, 1}, {true, true, false}},
                                        {{2, 0}, {true, false, true}},
                                        {{0, 1, 2}, {true, true, true}},
                                        {{}, {false, false, false}}}));
  const auto w = random_tensor<double>({2, 3, 4}, 1);
  auto rescaled = w;
  Norms("X", w.shape(), c.axes).rescale(rescaled.view(), [](double norm) { return norm; });
  const auto norms = slow_norms(w, c.summed);
  // Sums of at most 24 squares in one order and the other.
  CHECK((rescaled.array() - w.array() * norms.array()).abs().maxCoeff() < 1e-14);
}

TEST_CASE("An axis that the weight has not is refused", "[constraints][norms]") {
  CHECK_THROWS_MATCHES(Norms("X", {3, 4}, 2), ArgumentError, Message("X: axis 2 is outside a weight of shape (3, 4)."));
  CHECK_THROWS_AS(Norms("X", {3, 4}, -3), ArgumentError);
  CHECK_THROWS_MATCHES(Norms("X", {}, 0), ArgumentError, Message("X: a scalar has no axis to take a norm along."));
}
