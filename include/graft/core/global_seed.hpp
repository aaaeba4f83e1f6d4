#pragma once
#include <atomic>
#include <graft/core/random.hpp>
#include <random>

namespace graft {

namespace detail {

struct GlobalSeed {
  std::atomic<std::uint64_t> seed{std::random_device{}()};
  std::atomic<std::uint64_t> drawn{0};
};
inline GlobalSeed& global_seed() {
  static GlobalSeed state;
  return state;
}

}  // namespace detail

namespace utils {

/// Everything random that is made afterwards (initial weights, shuffles, dropout) follows from this seed. Without it a
/// program starts from a random one.
inline void set_random_seed(std::uint64_t seed) {
  detail::global_seed().seed = seed;
  detail::global_seed().drawn = 0;
}

}  // namespace utils

/// A new seed, the next one that follows from the global seed.
inline std::uint64_t next_seed() {
  auto& state = detail::global_seed();
  return mix(state.seed, state.drawn++);
}

}  // namespace graft
