#pragma once
#include <graft/graph/op.hpp>

namespace graft::steps {

/// The variables of y = gamma x^ + beta, one element for each channel; either may be absent.
template <class Scalar>
struct ScaleAndShift {
  std::optional<Variable<Scalar>> gamma = {}, beta = {};

  const Scalar* gamma_data() const { return gamma ? gamma->data() : nullptr; }
  const Scalar* beta_data() const { return beta ? beta->data() : nullptr; }
  std::vector<Variable<Scalar>> variables() const {
    std::vector<Variable<Scalar>> all;
    for (const auto* variable : {&gamma, &beta})
      if (*variable) all.push_back(**variable);
    return all;
  }
  /// Adds to the gradients of those that learn; io.dw begins with them.
  void add_gradients(Io<Scalar>& io, const Scalar* sum_dy, const Scalar* sum_dy_x) const {
    std::size_t at = 0;
    for (const auto& [variable, sum] : {std::pair(&gamma, sum_dy_x), std::pair(&beta, sum_dy)}) {
      if (!*variable) continue;
      if (Scalar* dw = io.dw[at].data)
        for (Index c = 0; c < (*variable)->size(); ++c) dw[c] += sum[c];
      ++at;
    }
  }
  std::uint64_t hash() const { return gamma.has_value() * 1u + beta.has_value() * 2u; }
};

}  // namespace graft::steps
