#pragma once
#include <cmath>
#include <graft/regularizers/regularizer_function.hpp>

namespace graft::regularizers {

struct L1L2Options {
  double l1 = 0;
  double l2 = 0;
};

/// l1 sum |w| + l2 sum w^2. Throws ArgumentError if a factor is negative.
class L1L2 final : public ElementwiseRegularizer<L1L2, L1L2Options> {
 public:
  static constexpr std::string_view keras_names[] = {"L1L2", "l1l2"};

  explicit L1L2(L1L2Options options = {}) : ElementwiseRegularizer(options) { check(); }

  template <class S>
  S element(S w) const {
    return static_cast<S>(options_.l1) * std::abs(w) + static_cast<S>(options_.l2) * w * w;
  }
  template <class S>
  S slope(S w) const {
    return static_cast<S>(options_.l1) * static_cast<S>((w > 0) - (w < 0)) + 2 * static_cast<S>(options_.l2) * w;
  }
  void fields(ConfigVisitor& c) {
    c("l1", options_.l1);
    c("l2", options_.l2);
  }
  void check() const {
    check_factor("l1", options_.l1);
    check_factor("l2", options_.l2);
  }
};

}  // namespace graft::regularizers
