#include "support/catch.hpp"

#include <cmath>
#include <graft/core/global_seed.hpp>
#include <graft/core/random.hpp>
#include <set>

using namespace graft;

TEST_CASE("RandomStream is a function of key and number", "[core][random]") {
  const RandomStream a(1), b(1), c(2);
  CHECK(a.bits(7) == b.bits(7));
  CHECK(a.bits(7) != c.bits(7));
  CHECK(a.split(3).bits(0) != a.split(4).bits(0));
}

TEST_CASE("RandomStream has the moments of its distributions", "[core][random]") {
  // Standard error of a mean of n uniforms is 0.29 / sqrt(n), of normals 1 / sqrt(n); of a variance sqrt(2 / n).
  constexpr int n = 100000;
  const RandomStream r(5);
  double uniform = 0, normal = 0, square = 0;
  for (std::uint64_t i = 0; i < n; ++i) {
    const double u = r.uniform(i), g = r.normal(i);
    REQUIRE((u >= 0 && u < 1));
    uniform += u / n;
    normal += g / n;
    square += g * g / n;
  }
  CHECK(std::abs(uniform - 0.5) < 5 * 0.29 / std::sqrt(n));
  CHECK(std::abs(normal) < 5 / std::sqrt(n));
  CHECK(std::abs(square - 1) < 5 * std::sqrt(2.0 / n));
}

TEST_CASE("below() reaches every number", "[core][random]") {
  std::set<std::uint64_t> seen;
  for (std::uint64_t i = 0; i < 200; ++i) seen.insert(RandomStream(3).below(i, 7));
  CHECK(seen.size() == 7);
  CHECK(*seen.rbegin() == 6);
}

TEST_CASE("hash_bytes sees every byte and the length", "[core][random]") {
  const char bytes[20] = "0123456789abcdefghi";
  std::set<std::uint64_t> hashes;
  for (std::size_t n = 0; n <= 19; ++n) hashes.insert(hash_bytes(bytes, n));
  for (std::size_t i = 0; i < 19; ++i) {
    char changed[20];
    std::copy(std::begin(bytes), std::end(bytes), changed);
    changed[i] ^= 1;
    hashes.insert(hash_bytes(changed, 19));
  }
  CHECK(hashes.size() == 20 + 19);
}

TEST_CASE("set_random_seed starts the seeds again", "[core][random]") {
  utils::set_random_seed(11);
  const auto first = next_seed(), second = next_seed();
  CHECK(first != second);
  utils::set_random_seed(11);
  CHECK(next_seed() == first);
}
