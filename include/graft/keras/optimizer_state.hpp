#pragma once
#include <graft/io/hdf5.hpp>
#include <graft/models/model.hpp>
#include <iostream>

/// The optimizer's memory in Keras's order. Source: `build` of keras/src/optimizers/*.py.
namespace graft::keras {

/// One tensor of the optimizer's memory.
template <class Scalar>
struct OptimizerSlot {
  std::string name;  ///< "conv_kernel_momentum"
  Tensor<Scalar>* value;
};

/// The slots as Keras numbers them: averages of the weights, then slot by slot over the variables, but a pair such as
/// Adam's momentum and velocity variable by variable.
template <class Scalar>
std::vector<OptimizerSlot<Scalar>> optimizer_slots(const Model<Scalar>& model) {
  auto& compiled = model.trainer().compiled(model.name(), "optimizer_slots");
  const auto names = compiled.optimizer.slot_names();
  std::map<std::uint64_t, std::size_t> position;
  for (std::size_t i = 0; i < compiled.learning.size(); ++i) position[compiled.learning[i].variable.id()] = i;
  std::vector<std::pair<std::string, std::size_t>> variables;  // in Keras's order
  for (const auto& [name, variable] : saving::named_variables(*model.state()))
    if (const auto found = position.find(variable.id()); found != position.end())
      variables.emplace_back(name, found->second);
  const bool average = compiled.optimizer.use_ema(), pairs = compiled.optimizer.rule().class_name() != "RMSprop";
  const std::size_t own = names.size() - (average ? 1 : 0);
  std::vector<std::vector<std::size_t>> groups;
  if (average) groups.push_back({own});
  if (pairs && own >= 2) groups.push_back({0, 1});
  for (std::size_t slot = pairs && own >= 2 ? 2 : 0; slot < own; ++slot) groups.push_back({slot});
  std::vector<OptimizerSlot<Scalar>> slots;
  for (const auto& group : groups)
    for (const auto& [name, at] : variables)
      for (const std::size_t slot : group) {
        std::string path = name + "_" + names[slot];
        std::replace(path.begin(), path.end(), '/', '_');
        slots.push_back({std::move(path), &compiled.slots[at][slot]});
      }
  return slots;
}

/// Reads the state from these tensors of a file: steps taken, learning rate unless it follows a schedule, slots. As in
/// Keras, a file whose state does not fit (flags changed after compile(), say) leaves the optimizer fresh, with a
/// warning; one of an optimizer that never took a step has nothing to take over.
template <class Scalar>
void load_optimizer_state(const Model<Scalar>& model, const io::Hdf5File& file, const std::vector<std::string>& paths) {
  auto& compiled = model.trainer().compiled(model.name(), "load_model");
  const auto slots = optimizer_slots(model);
  const bool rate = !compiled.optimizer.rule().learning_rate().is_schedule();
  const std::size_t first = rate ? 2 : 1;
  bool fits = paths.size() == first + slots.size();
  for (std::size_t i = 0; fits && i < paths.size(); ++i)
    fits = file.is_dataset(paths[i]) && file.shape(paths[i]) == (i < first ? Shape{} : slots[i - first].value->shape());
  if (!fits) {
    if (paths.size() == first) return;
    std::cerr << "warning: " << file.name() << " has an optimizer state that does not fit the compiled model '"
              << model.name() << "'; the optimizer starts afresh.\n";
    return;
  }
  std::vector<Tensor<Scalar>> values;
  for (std::size_t i = first; i < paths.size(); ++i) values.push_back(file.read<Scalar>(paths[i]));
  const double steps = file.read<double>(paths[0]).data()[0];
  if (!(steps >= 0 && steps < 1e15)) file.fail("claims ", steps, " steps of the optimizer");
  if (rate) compiled.optimizer.set_learning_rate(file.read<double>(paths[1]).data()[0]);
  compiled.optimizer.set_iterations(static_cast<long>(steps));
  compiled.iteration = static_cast<long>(steps);
  for (std::size_t i = 0; i < values.size(); ++i) *slots[i].value = std::move(values[i]);
}

/// Writes the state under prefix + name, numbered ("optimizer/vars/0") or by name, and returns the names.
template <class Scalar>
std::vector<std::string> add_optimizer_state(io::Hdf5Writer& writer, const Model<Scalar>& model,
                                             const std::string& prefix, bool numbered) {
  const auto& optimizer = model.trainer().compiled(model.name(), "save_model").optimizer;
  std::vector<std::string> names;
  const auto next = [&](const std::string& name) {
    names.push_back(numbered ? std::to_string(names.size()) : optimizer.name() + "/" + name);
    return prefix + names.back();
  };
  writer.number(next("iteration"), optimizer.iterations());
  if (!optimizer.rule().learning_rate().is_schedule()) {
    const Tensor<float> rate(Shape{}, {static_cast<float>(optimizer.learning_rate())});
    writer.dataset(next("learning_rate"), rate.view());
  }
  for (const auto& slot : optimizer_slots(model)) writer.dataset(next(slot.name), std::as_const(*slot.value).view());
  return names;
}

}  // namespace graft::keras
