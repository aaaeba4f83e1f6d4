#pragma once
#include <algorithm>
#include <graft/core/index.hpp>
#include <numeric>
#include <utility>
#include <vector>

namespace graft::plan {

/// A piece of memory and the steps, first to last, during which it is alive.
struct Block {
  Index bytes = 0, from = 0, to = 0;
  Index offset = 0;

  bool meets(const Block& other) const { return other.from <= to && from <= other.to; }
};

/// Gives every block an offset such that blocks alive at the same time do not overlap, and returns the bytes needed:
/// the largest first, each into the first gap between those it meets.
inline Index place_by_lifetime(std::vector<Block>& blocks) {
  std::vector<std::size_t> order(blocks.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return blocks[a].bytes > blocks[b].bytes; });
  Index total = 0;
  std::vector<std::size_t> placed;
  for (const std::size_t i : order) {
    Block& block = blocks[i];
    std::vector<std::pair<Index, Index>> taken;
    for (const std::size_t other : placed)
      if (blocks[other].meets(block))
        taken.emplace_back(blocks[other].offset, blocks[other].offset + blocks[other].bytes);
    std::sort(taken.begin(), taken.end());
    for (const auto& [begin, end] : taken) {
      if (begin - block.offset >= block.bytes) break;
      block.offset = std::max(block.offset, end);
    }
    total = std::max(total, block.offset + block.bytes);
    placed.push_back(i);
  }
  return total;
}

}  // namespace graft::plan
