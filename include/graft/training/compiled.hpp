#pragma once
#include <graft/training/flag_snapshot.hpp>
#include <graft/training/network.hpp>

namespace graft {

/// What compile() decided: a program per mode, a fresh optimizer, and the flags it saw.
template <class Scalar>
struct Compiled {
  CompileOptions options;
  Optimizer optimizer = "rmsprop";
  ModeProgram<Scalar> train, eval;
  std::vector<Weight<Scalar>> learning;            ///< as train.program->learning, with regularizers and constraints
  std::vector<std::vector<Tensor<Scalar>>> slots;  ///< the optimizer's memory, per learning variable
  FlagSnapshot<Scalar> flags;
  bool warned = false;     ///< about stale flags: once per compile
  std::uint64_t seed = 0;  ///< of dropout and augmentation
  long iteration = 0;      ///< training batches so far

  bool has_loss() const {
    return std::any_of(train.heads.begin(), train.heads.end(), [](const Head& head) { return bool(head.function); });
  }
};

/// Lowers both modes and prepares the optimizer. Throws ArgumentError for options that do not fit the outputs.
template <class Scalar>
std::shared_ptr<Compiled<Scalar>> compile_network(const Network<Scalar>& network, const CompileOptions& options) {
  auto compiled = std::make_shared<Compiled<Scalar>>();
  compiled->options = options;
  compiled->optimizer = options.optimizer.clone();
  compiled->train = lower_network(network, options, true, {});
  compiled->eval = lower_network(network, options, false, compiled->train.program->changing);
  std::unordered_map<std::uint64_t, Weight<Scalar>> weights;
  network.state->visit([&](const LayerState<Scalar>& state) {
    for (const auto& weight : state.weights) weights.emplace(weight.variable.id(), weight);
  });
  for (const auto& variable : compiled->train.program->learning) {
    compiled->learning.push_back(weights.at(variable.id()));
    compiled->slots.emplace_back(to_size(compiled->optimizer.slots()), Tensor<Scalar>(variable.shape()));
  }
  compiled->flags = FlagSnapshot<Scalar>(*network.state);
  compiled->seed = next_seed();
  return compiled;
}

/// One step of the optimizer: clip, update, constrain, count. `gradients` are those of the learning variables.
template <class Scalar>
void apply_gradients(Compiled<Scalar>& compiled, std::vector<Tensor<Scalar>>& gradients) {
  std::vector<View<Scalar>> views;
  for (auto& gradient : gradients) views.push_back(gradient.view());
  compiled.optimizer.template clip<Scalar>(views);
  auto step = compiled.optimizer.step();
  for (std::size_t i = 0; i < views.size(); ++i) {
    const Weight<Scalar>& weight = compiled.learning[i];
    step.decay = compiled.optimizer.decays(weight.variable.name());
    std::vector<View<Scalar>> slots;
    for (auto& slot : compiled.slots[i]) slots.push_back(slot.view());
    weight.variable.update([&](View<Scalar> w) {
      compiled.optimizer.template update<Scalar>(w, views[i], slots, step);
      if (weight.constraint) weight.constraint.apply(w);
    });
  }
  compiled.optimizer.set_iterations(compiled.optimizer.iterations() + 1);
}

/// Adds the regularizers of the learning variables to their gradients and returns what they add to the loss. Without
/// gradients only the latter.
template <class Scalar>
double regularize(const Compiled<Scalar>& compiled, std::vector<Tensor<Scalar>>* gradients) {
  double penalty = 0;
  for (std::size_t i = 0; i < compiled.learning.size(); ++i) {
    const Weight<Scalar>& weight = compiled.learning[i];
    if (!weight.regularizer) continue;
    penalty += weight.regularizer.value(weight.variable.value().view());
    if (gradients) weight.regularizer.add_gradient(weight.variable.value().view(), (*gradients)[i].view());
  }
  return penalty;
}

}  // namespace graft
