#pragma once
#include <concepts>
#include <graft/core/config_visitor.hpp>

namespace graft::optimizers {

/// The length of a step, a number.
class LearningRate {
 public:
  template <std::floating_point F>
  LearningRate(F rate) : rate_(static_cast<double>(rate)) {}

  /// The rate of step `iteration`, counted from 0.
  double at(long iteration) const {
    (void)iteration;
    return rate_;
  }
  void visit(ConfigVisitor& c, std::string_view field) { c(field, rate_); }

 private:
  double rate_;
};

}  // namespace graft::optimizers
