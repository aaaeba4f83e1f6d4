#pragma once
#include <algorithm>
#include <graft/plan/program.hpp>
#include <unordered_map>

// The passes that turn collected steps into a program. None asks for a layer's type or a step's class.
namespace graft::plan {

/// Finds who makes and who reads every value.
template <class Scalar>
void link(Program<Scalar>& program) {
  for (Value& value : program.values) {
    value.producer = -1;
    value.users.clear();
  }
  for (std::size_t i = 0; i < program.steps.size(); ++i) {
    program.root_value(program.steps[i].out).producer = static_cast<Index>(i);
    for (const ValueId in : program.steps[i].in) program.root_value(in).users.push_back(static_cast<Index>(i));
  }
}

/// Drops steps whose result nobody reads and that change no variable.
template <class Scalar>
void drop_unused(Program<Scalar>& program) {
  std::vector<bool> used(program.values.size(), false);
  for (const auto& list : {program.outputs, program.seeds})
    for (const ValueId value : list) used[to_size(program.root(value))] = true;
  for (auto step = program.steps.rbegin(); step != program.steps.rend(); ++step) {
    step->fused_away = !used[to_size(program.root(step->out))] && step->op->updates().empty();
    if (!step->fused_away)
      for (const ValueId in : step->in) used[to_size(program.root(in))] = true;
  }
  std::erase_if(program.steps, [](const auto& step) { return step.fused_away; });
}

/// Collects the variables that this training program changes: those that learn and those that forward writes.
template <class Scalar>
void find_changing(Program<Scalar>& program) {
  if (!program.training()) return;
  for (const auto& step : program.steps) {
    for (const auto& variable : step.op->variables())
      if (program.learns(variable)) program.changing.insert(variable.id());
    for (const auto& variable : step.op->updates()) program.changing.insert(variable.id());
  }
}

/// Marks a step as prefix if it is pure, reads prefix values only and no variable that training changes; moves the
/// prefix to the front; finds the cut and the places below it where features are worth keeping.
template <class Scalar>
void find_prefix(Program<Scalar>& program) {
  std::vector<bool> known(program.values.size(), false);
  for (const ValueId input : program.inputs) known[to_size(input)] = true;
  for (auto& step : program.steps) {
    const auto variables = step.op->variables();
    step.prefix =
        step.op->pure() &&
        std::all_of(step.in.begin(), step.in.end(), [&](ValueId v) { return known[to_size(program.root(v))]; }) &&
        std::none_of(variables.begin(), variables.end(),
                     [&](const auto& v) { return program.changing.contains(v.id()); });
    known[to_size(program.root(step.out))] = step.prefix;
  }
  std::stable_partition(program.steps.begin(), program.steps.end(), [](const auto& step) { return step.prefix; });
  program.prefix_steps =
      std::count_if(program.steps.begin(), program.steps.end(), [](const auto& s) { return s.prefix; });
  link(program);
  for (std::size_t v = 0; v < program.values.size(); ++v) {
    Value& value = program.values[v];
    if (!known[v] || value.alias_of >= 0) continue;
    const bool read_later =
        std::any_of(value.users.begin(), value.users.end(), [&](Index user) { return user >= program.prefix_steps; });
    const auto is_it = [&](ValueId other) { return program.root(other) == static_cast<ValueId>(v); };
    const bool fetched = std::any_of(program.outputs.begin(), program.outputs.end(), is_it) ||
                         std::any_of(program.seeds.begin(), program.seeds.end(), is_it);
    if (read_later || fetched) program.cut.push_back(static_cast<ValueId>(v));
  }
  for (const ValueId value : program.cut) program.values[to_size(value)].pinned = true;
}

/// Says where the prefix ends though nothing there changes: at steps that are not pure, such as a frozen dropout, if
/// frozen weights lie behind them.
template <class Scalar>
void note_early_end(Program<Scalar>& program) {
  if (!program.training()) return;
  std::vector<bool> fixed(program.values.size(), false);  // but for what the steps of `enders` do
  for (const ValueId input : program.inputs) fixed[to_size(input)] = true;
  std::vector<std::string> enders, behind;  // layers; those behind have weights
  std::size_t ending = 0;                   // of the enders, those that have some behind
  const auto add = [](std::vector<std::string>& names, const std::string& name) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  };
  for (const auto& step : program.steps) {
    const auto variables = step.op->variables();
    const bool frozen =
        step.op->updates().empty() &&
        std::all_of(step.in.begin(), step.in.end(), [&](ValueId v) { return fixed[to_size(program.root(v))]; }) &&
        std::none_of(variables.begin(), variables.end(),
                     [&](const auto& v) { return program.changing.contains(v.id()); });
    fixed[to_size(program.root(step.out))] = frozen;
    if (!frozen || step.prefix) continue;
    if (!step.op->pure()) add(enders, step.layer);
    if (!step.op->pure() || variables.empty()) continue;
    add(behind, step.layer);
    ending = enders.size();
  }
  if (behind.empty()) return;
  const std::string more = ending == 1 ? "" : " and " + std::to_string(ending - 1) + " more";
  program.note(
      enders.front() + more +
      ": not the same in every batch, also while frozen, so what is computed once ends before; " +
      std::to_string(behind.size()) + " frozen layers with weights behind run for every batch. Where nothing " +
      "has to be random there, let the frozen part's predict() make its features once and fit the rest on them");
}

/// A step is worth keeping after if it shrinks and, once it has run, only its output is alive: the next boundary below.
template <class Scalar>
void find_keeps(Program<Scalar>& program) {
  for (Index i = 0; i < program.prefix_steps; ++i) {
    const auto& step = program.steps[to_size(i)];
    if (!step.op->shrinks()) continue;
    const bool alone = std::all_of(program.values.begin(), program.values.end(), [&](const Value& value) {
      return value.alias_of >= 0 || value.producer < 0 || value.producer >= i ||
             std::all_of(value.users.begin(), value.users.end(), [&](Index user) { return user <= i; });
    });
    if (alone) program.root_value(step.out).keep = program.root_value(step.out).pinned = true;
  }
}

/// Lets step `a` take over the step that follows it. Returns false where the epilogue cannot: it applies bias, then
/// folded affine maps, then the activation, then a maximum over windows; folding needs that no variable involved
/// changes, the maximum that nothing runs backward.
template <class Scalar>
bool fuse_into(const Program<Scalar>& program, Step<Scalar>& a, const Step<Scalar>& b) {
  Epilogue<Scalar>& epilogue = *a.op->epilogue();
  if (epilogue.max_pool) return false;
  if (b.op->is_max_pool()) {
    epilogue.max_pool = !program.root_value(b.out).needs_gradient && a.op->takes_max_pool();
    return epilogue.max_pool;
  }
  if (epilogue.activation != ops::Activation{}) return false;
  if (const auto affine = b.op->as_affine()) {
    if (affine->is_bias() && !epilogue.bias && epilogue.folded.empty()) {
      epilogue.bias = affine->beta;
      return true;
    }
    auto involved = a.op->variables();
    for (const auto& variable : affine->variables()) involved.push_back(variable);
    const bool fixed = std::none_of(involved.begin(), involved.end(), [&](const auto& variable) {
      return program.training() && program.changing.contains(variable.id());
    });
    if (fixed && !affine->is_bias()) epilogue.folded.push_back(*affine);
    return fixed && !affine->is_bias();
  }
  if (const auto activation = b.op->as_activation()) {
    epilogue.activation = *activation;
    return true;
  }
  return false;
}

/// Merges bias, folded normalization and activation into the product before them; never across the boundary.
template <class Scalar>
void fuse(Program<Scalar>& program) {
  for (auto& step : program.steps) {
    while (!step.fused_away && step.op->epilogue()) {
      const Value& value = program.root_value(step.out);
      if (value.pinned || value.users.size() != 1) break;
      auto& next = program.steps[to_size(value.users.front())];
      if (next.in != std::vector<ValueId>{step.out} || next.prefix != step.prefix) break;
      if (!fuse_into(program, step, next)) break;
      step.fused.push_back(next.op->kind());
      step.out = next.out;
      next.fused_away = true;
    }
  }
  std::erase_if(program.steps, [](const auto& step) { return step.fused_away; });
  program.prefix_steps =
      std::count_if(program.steps.begin(), program.steps.end(), [](const auto& s) { return s.prefix; });
  link(program);
}

/// Finds which values need a gradient: a variable that learns lies below.
template <class Scalar>
void find_needs(Program<Scalar>& program) {
  if (!program.training()) return;
  for (const auto& step : program.steps) {
    const auto variables = step.op->variables();
    program.root_value(step.out).needs_gradient =
        std::any_of(variables.begin(), variables.end(), [&](const auto& v) { return program.learns(v); }) ||
        std::any_of(step.in.begin(), step.in.end(), [&](ValueId in) { return program.root_value(in).needs_gradient; });
  }
}

/// Numbers the variables that learn and finds which values get a gradient.
template <class Scalar>
void find_gradients(Program<Scalar>& program) {
  std::unordered_map<std::uint64_t, Index> slots;
  for (auto& step : program.steps) {
    for (const auto& variable : step.op->variables()) {
      const bool learns = program.training() && program.learns(variable);
      if (learns && slots.emplace(variable.id(), static_cast<Index>(slots.size())).second)
        program.learning.push_back(variable);
      step.slot.push_back(learns ? slots.at(variable.id()) : -1);
    }
    step.dx.assign(step.in.size(), false);
  }
  if (!program.training()) return;
  for (const ValueId seed : program.seeds) program.root_value(seed).has_gradient = true;
  for (auto step = program.steps.rbegin(); step != program.steps.rend(); ++step) {
    const Value& out = program.root_value(step->out);
    step->backward = out.has_gradient && out.needs_gradient;
    for (std::size_t j = 0; j < step->in.size(); ++j) {
      Value& in = program.root_value(step->in[j]);
      step->dx[j] = step->backward && in.needs_gradient;
      in.has_gradient = in.has_gradient || step->dx[j];
    }
  }
}

/// Runs every pass. `outputs` and the losses collected so far stay readable.
template <class Scalar>
void finish(Program<Scalar>& program, std::vector<ValueId> outputs) {
  program.outputs = std::move(outputs);
  program.note_shadowed();
  for (const auto& list : {program.outputs, program.seeds})
    for (const ValueId value : list) program.root_value(value).pinned = true;
  drop_unused(program);
  find_changing(program);
  find_prefix(program);
  note_early_end(program);
  find_keeps(program);
  find_needs(program);
  fuse(program);
  find_gradients(program);
}

}  // namespace graft::plan
