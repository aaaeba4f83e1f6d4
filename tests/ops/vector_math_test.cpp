#include <cmath>
#include <graft/ops/vector_math.hpp>
#include <limits>
#include <vector>

#include "support/catch.hpp"

using namespace graft;

TEMPLATE_TEST_CASE("The square root of every lane has std::sqrt's bits", "[ops]", float, double) {
  using Limits = std::numeric_limits<TestType>;
  std::vector<TestType> x{0,
                          TestType(-0.0),
                          1,
                          2,
                          3,
                          Limits::min(),
                          Limits::denorm_min(),
                          Limits::max(),
                          Limits::infinity(),
                          Limits::epsilon()};
  for (int i = 0; i < 1000; ++i) x.push_back(std::exp(static_cast<TestType>(i) / 20 - 25));
  std::vector<TestType> y(x.size());
  ops::map_lanes(x.data(), y.data(), static_cast<Index>(x.size()),
                 [](const auto& v) GRAFT_INLINE_LAMBDA { return sqrt(v); });
  for (std::size_t i = 0; i < x.size(); ++i) {
    CHECK(y[i] == std::sqrt(x[i]));
    CHECK(std::signbit(y[i]) == std::signbit(x[i]));
  }
  const TestType bad[] = {-1, Limits::quiet_NaN(), 4};
  TestType root[3];
  ops::map_lanes(bad, root, 3, [](const auto& v) GRAFT_INLINE_LAMBDA { return sqrt(v); });
  CHECK(std::isnan(root[0]));
  CHECK(std::isnan(root[1]));
  CHECK(root[2] == 2);
}
