#pragma once
#include <graft/core/error.hpp>
#include <graft/ops/sampling.hpp>
#include <string>

namespace graft::layers {

/// What the option `interpolation` says. Throws ArgumentError for another name, also for those of Keras that graft does
/// not compute (bicubic, lanczos3, lanczos5); `who` names the layer.
inline ops::Sampling sampling_of(const std::string& interpolation, const std::string& who) {
  if (interpolation == "bilinear") return ops::Sampling::bilinear;
  if (interpolation == "nearest") return ops::Sampling::nearest;
  raise<ArgumentError>(who, ": interpolation must be \"bilinear\" or \"nearest\", got \"", interpolation, "\".");
}

}  // namespace graft::layers
