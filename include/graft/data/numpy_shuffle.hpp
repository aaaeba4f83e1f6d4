#pragma once
#include <cstdint>
#include <graft/core/error.hpp>
#include <random>
#include <utility>
#include <vector>

namespace graft::data {

/// Shuffles as numpy.random.RandomState(seed).shuffle does, swap for swap, so that a split of files is the one Keras
/// makes. Throws ArgumentError if the seed does not fit in 32 bits. Source: numpy/random/mtrand.pyx, legacy shuffle.
template <class T>
void numpy_shuffle(std::vector<T>& items, std::uint64_t seed) {
  if (seed > 0xFFFFFFFFu) raise<ArgumentError>("seed must be between 0 and 2**32 - 1, got ", seed, ".");
  std::mt19937 random(static_cast<std::uint32_t>(seed));
  for (std::size_t i = items.size(); i-- > 1;) {
    std::size_t mask = i;
    for (const int shift : {1, 2, 4, 8, 16}) mask |= mask >> shift;
    std::size_t j = 0;
    do {
      j = random() & mask;
    } while (j > i);
    std::swap(items[i], items[j]);
  }
}

}  // namespace graft::data
