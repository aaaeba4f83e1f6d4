#pragma once
#include <graft/core/tensor.hpp>
#include <graft/optimizers/optimizer.hpp>

/// An optimizer at work on one number, by hand: w after each of the gradients.
inline std::vector<double> steps(const graft::Optimizer& optimizer, double w, const std::vector<double>& gradients) {
  using namespace graft;
  Tensor<double> variable({1}, {w});
  std::vector<Tensor<double>> slots(to_size(optimizer.slots()), Tensor<double>(Shape{1}));
  std::vector<View<double>> slot_views;
  for (auto& slot : slots) slot_views.push_back(slot.view());
  std::vector<double> values;
  for (const double gradient : gradients) {
    const Tensor<double> g({1}, {gradient});
    optimizer.update<double>(variable.view(), g.view(), slot_views, optimizer.step());
    optimizer.set_iterations(optimizer.iterations() + 1);
    values.push_back(variable(0));
  }
  return values;
}
