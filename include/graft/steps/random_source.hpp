#pragma once
#include <graft/graph/op.hpp>

namespace graft::steps {

/// Where a random step draws from: its number in the graph and, where the layer has one, its own seed. Everything also
/// follows from the run's seed, so utils::set_random_seed() fixes it all.
struct RandomSource {
  std::uint64_t stream = 0;
  std::optional<Index> seed = {};

  RandomStream of(const Run& run) const {
    return run.stream(seed ? mix(stream, static_cast<std::uint64_t>(*seed)) : stream);
  }
};

}  // namespace graft::steps
