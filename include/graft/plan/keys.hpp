#pragma once
#include <graft/plan/program.hpp>

namespace graft::plan {

/// Adds a variable's identity and version to a key.
template <class Scalar>
std::uint64_t mix_variable(std::uint64_t key, const Variable<Scalar>& variable) {
  return mix(mix(key, variable.id()), static_cast<std::uint64_t>(variable.version()));
}

inline std::uint64_t hash_shape(const Shape& shape) {
  return hash_bytes(shape.begin(), to_size(shape.rank()) * sizeof(Index));
}

/// Kind, attributes and variables of a step, with all that it fused.
template <class Scalar>
std::uint64_t step_key(const Op<Scalar>& op) {
  std::uint64_t key = mix(hash_text(op.kind()), op.attributes());
  for (const auto& variable : op.variables()) key = mix_variable(key, variable);
  return key;
}

/// Per value of the prefix: hash(kind, attributes, keys of the inputs, ids and versions of the variables); 0 elsewhere.
/// The boundary is in no key, so a later phase with a lower boundary finds what an earlier one stored. `data`
/// identifies the samples.
template <class Scalar>
std::vector<std::uint64_t> value_keys(const Program<Scalar>& program, std::uint64_t data) {
  std::vector<std::uint64_t> keys(program.values.size(), 0);
  for (std::size_t i = 0; i < program.inputs.size(); ++i) keys[to_size(program.inputs[i])] = mix(data, i);
  for (Index i = 0; i < program.prefix_steps; ++i) {
    const auto& step = program.steps[to_size(i)];
    std::uint64_t key = step_key(*step.op);
    for (const ValueId in : step.in)
      key = mix(mix(key, keys[to_size(program.root(in))]), hash_shape(program.values[to_size(in)].shape));
    keys[to_size(program.root(step.out))] = key;
  }
  return keys;
}

/// The variables that the prefix reads: its values change when the version of one of them does.
template <class Scalar>
std::vector<Variable<Scalar>> prefix_variables(const Program<Scalar>& program) {
  std::vector<Variable<Scalar>> all;
  for (Index i = 0; i < program.prefix_steps; ++i)
    for (const auto& variable : program.steps[to_size(i)].op->variables()) all.push_back(variable);
  return all;
}

/// Grows with every write to one of the variables.
template <class Scalar>
long total_version(const std::vector<Variable<Scalar>>& variables) {
  long version = 0;
  for (const auto& variable : variables) version += variable.version();
  return version;
}

}  // namespace graft::plan
