#include <graft/core/random.hpp>
#include <graft/plan/arena.hpp>

#include "support/catch.hpp"

using namespace graft;
using plan::Block;

namespace {

bool overlap(const Block& a, const Block& b) { return a.offset < b.offset + b.bytes && b.offset < a.offset + a.bytes; }

}  // namespace

TEST_CASE("Blocks that are never alive together share memory", "[plan][arena]") {
  std::vector<Block> blocks{{.bytes = 128, .from = 0, .to = 1}, {.bytes = 128, .from = 2, .to = 3}};
  CHECK(plan::place_by_lifetime(blocks) == 128);
  CHECK(blocks[0].offset == blocks[1].offset);
}

TEST_CASE("Blocks alive at one step do not overlap, and a gap is used", "[plan][arena]") {
  // A chain: each value is read by the next step, so two neighbours are alive together.
  std::vector<Block> chain{{.bytes = 192, .from = 0, .to = 1},
                           {.bytes = 64, .from = 1, .to = 2},
                           {.bytes = 128, .from = 2, .to = 3},
                           {.bytes = 64, .from = 3, .to = 4}};
  CHECK(plan::place_by_lifetime(chain) == 256);
  std::vector<Block> none;
  CHECK(plan::place_by_lifetime(none) == 0);
}

TEST_CASE("No two living blocks overlap, whatever their sizes and lives", "[plan][arena]") {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const RandomStream random(seed);
    std::vector<Block> blocks;
    Index sum = 0, most = 0;
    for (std::uint64_t i = 0; i < 30; ++i) {
      const auto from = static_cast<Index>(random.below(3 * i, 20));
      blocks.push_back({.bytes = 64 * (1 + static_cast<Index>(random.below(3 * i + 1, 10))),
                        .from = from,
                        .to = from + static_cast<Index>(random.below(3 * i + 2, 8))});
      sum += blocks.back().bytes;
    }
    const Index total = plan::place_by_lifetime(blocks);
    for (Index time = 0; time < 30; ++time) {
      Index alive = 0;
      for (const Block& b : blocks) alive += b.from <= time && time <= b.to ? b.bytes : 0;
      most = std::max(most, alive);
    }
    CHECK(total <= sum);
    CHECK(total >= most);
    for (std::size_t i = 0; i < blocks.size(); ++i) {
      CHECK(blocks[i].offset + blocks[i].bytes <= total);
      CHECK(blocks[i].offset % 64 == 0);
      for (std::size_t j = 0; j < i; ++j) CHECK_FALSE((blocks[i].meets(blocks[j]) && overlap(blocks[i], blocks[j])));
    }
  }
}
