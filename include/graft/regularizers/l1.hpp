#pragma once
#include <cmath>
#include <graft/regularizers/regularizer_function.hpp>

namespace graft::regularizers {

struct L1Options {
  double l1 = 0.01;
};

/// l1 sum |w|; the slope at 0 is 0. Throws ArgumentError if l1 is negative.
class L1 final : public ElementwiseRegularizer<L1, L1Options> {
 public:
  static constexpr std::string_view keras_names[] = {"L1", "l1"};

  explicit L1(L1Options options = {}) : ElementwiseRegularizer(options) { check(); }

  template <class S>
  S element(S w) const {
    return static_cast<S>(options_.l1) * std::abs(w);
  }
  template <class S>
  S slope(S w) const {
    return static_cast<S>(options_.l1) * static_cast<S>((w > 0) - (w < 0));
  }
  void fields(ConfigVisitor& c) { c("l1", options_.l1); }
  void check() const { check_factor("l1", options_.l1); }
};

}  // namespace graft::regularizers
