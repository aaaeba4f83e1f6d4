#pragma once
#include <graft/regularizers/regularizer_function.hpp>

namespace graft::regularizers {

struct L2Options {
  double l2 = 0.01;
};

/// l2 sum w^2, without a factor 1/2. Throws ArgumentError if l2 is negative.
class L2 final : public ElementwiseRegularizer<L2, L2Options> {
 public:
  static constexpr std::string_view keras_names[] = {"L2", "l2"};

  explicit L2(L2Options options = {}) : ElementwiseRegularizer(options) { check(); }

  template <class S>
  S element(S w) const {
    return static_cast<S>(options_.l2) * w * w;
  }
  template <class S>
  S slope(S w) const {
    return 2 * static_cast<S>(options_.l2) * w;
  }
  void fields(ConfigVisitor& c) { c("l2", options_.l2); }
  void check() const { check_factor("l2", options_.l2); }
};

}  // namespace graft::regularizers
