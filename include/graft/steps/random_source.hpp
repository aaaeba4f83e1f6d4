#pragma once
#include <graft/graph/op.hpp>

namespace graft::steps {

/// Where a random step draws from: the layer's own seed where it has one, else its number in the graph and the run's
/// seed, which utils::set_random_seed() fixes. All calls of a layer with a seed draw the same in one run.
struct RandomSource {
  std::uint64_t stream = 0;
  std::optional<Index> seed = {};

  RandomStream of(const Run& run) const {
    return seed ? Run{static_cast<std::uint64_t>(*seed), run.iteration}.stream(0) : run.stream(stream);
  }
};

}  // namespace graft::steps
