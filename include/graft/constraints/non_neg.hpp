#pragma once
#include <algorithm>
#include <graft/constraints/constraint_function.hpp>

namespace graft::constraints {

/// max(w, 0).
class NonNeg final : public ConstraintOf<NonNeg> {
 public:
  static constexpr std::string_view keras_names[] = {"NonNeg", "non_neg"};

  template <class S>
  void project(View<S> w) const {
    for (S& v : w.span()) v = std::max(v, S(0));
  }
};

}  // namespace graft::constraints
