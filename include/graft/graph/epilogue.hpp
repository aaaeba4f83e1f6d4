#pragma once
#include <graft/core/variable.hpp>
#include <graft/ops/activation.hpp>
#include <optional>
#include <vector>

namespace graft {

/// y = gamma (x - mean) / sqrt(variance + epsilon) + beta per channel of the last axis; an absent gamma is 1, an absent
/// beta 0. With beta alone it is a bias.
template <class Scalar>
struct ChannelAffine {
  std::optional<Variable<Scalar>> gamma = {}, beta = {}, mean = {}, variance = {};
  double epsilon = 0;

  bool is_bias() const { return !gamma && !mean && !variance; }
  std::vector<Variable<Scalar>> variables() const {
    std::vector<Variable<Scalar>> all;
    for (const auto* v : {&gamma, &beta, &mean, &variance})
      if (*v) all.push_back(**v);
    return all;
  }
};

/// What a product applies to its result before it is stored: bias, then folded affine maps (through the packed
/// weights), then the activation, then the maximum over windows.
template <class Scalar>
struct Epilogue {
  std::optional<Variable<Scalar>> bias;
  std::vector<ChannelAffine<Scalar>> folded;
  ops::Activation activation;
  bool max_pool = false;  ///< over windows of 2 x 2 with strides of 2, without padding
};

}  // namespace graft
