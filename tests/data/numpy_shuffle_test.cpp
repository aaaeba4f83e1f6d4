#include <graft/data/numpy_shuffle.hpp>
#include <numeric>

#include "support/catch.hpp"
#include "support/golden.hpp"

using namespace graft;

TEST_CASE("numpy_shuffle gives NumPy's permutations", "[data][numpy_shuffle][golden]") {
  const auto cases = GoldenFile("misc").group("shuffle");
  REQUIRE(cases.size() >= 15);
  for (const auto& one : cases) {
    INFO(one.at("name").get<std::string>());
    std::vector<int> order(one.at("count").get<std::size_t>());
    std::iota(order.begin(), order.end(), 0);
    data::numpy_shuffle(order, one.at("seed").get<std::uint64_t>());
    CHECK(order == one.at("order").get<std::vector<int>>());
  }
}

TEST_CASE("numpy_shuffle takes the seeds that NumPy takes", "[data][numpy_shuffle][errors]") {
  std::vector<int> none, one{5};
  data::numpy_shuffle(none, 0);
  data::numpy_shuffle(one, 0xFFFFFFFFu);
  CHECK(one == std::vector<int>{5});
  CHECK_THROWS_WITH(data::numpy_shuffle(one, 0x100000000u), "seed must be between 0 and 2**32 - 1, got 4294967296.");
}
