#pragma once
#include <graft/io/safetensors_reader.hpp>
#include <graft/io/safetensors_writer.hpp>
#include <graft/layers/layer_state.hpp>
#include <graft/saving/load_report.hpp>
#include <set>

/// Weights of a model <-> named tensors: "layer/kernel", "nested_model/layer/kernel".
namespace graft::saving {

template <class Scalar>
struct NamedVariable {
  std::string name;
  Variable<Scalar> variable;
};

namespace detail {

template <class Scalar>
void collect_variables(const LayerState<Scalar>& state, const std::string& prefix, std::set<std::uint64_t>& seen,
                       std::vector<NamedVariable<Scalar>>& all) {
  for (const auto& weight : state.weights)
    if (seen.insert(weight.variable.id()).second) all.push_back({prefix + weight.variable.name(), weight.variable});
  for (const auto& child : state.children) collect_variables(*child, prefix + child->name + "/", seen, all);
}

}  // namespace detail

/// Every weight below a model once, under the path of layer names that leads to it first.
template <class Scalar>
std::vector<NamedVariable<Scalar>> named_variables(const LayerState<Scalar>& model) {
  std::vector<NamedVariable<Scalar>> all;
  std::set<std::uint64_t> seen;
  detail::collect_variables(model, "", seen, all);
  for (const auto& [name, variable] : all)
    if (!variable.allocated())
      raise<StateError>("Model '", model.name, "': the weight '", name,
                        "' does not exist yet. Give the model its input shape first.");
  return all;
}

/// Which weights of a model a file has, told by its header: no tensor is read.
template <class Scalar>
LoadReport compare_weights(const LayerState<Scalar>& model, const io::TensorFile& file) {
  LoadReport report;
  std::set<std::string> names;
  for (const auto& [name, variable] : named_variables(model)) {
    names.insert(name);
    if (!file.contains(name))
      report.missing.push_back(name);
    else if (file.info(name).shape != variable.shape())
      report.mismatched.push_back({name, variable.shape(), file.info(name).shape});
    else
      report.loaded.push_back(name);
  }
  for (const auto& name : file.names())
    if (!names.contains(name)) report.unexpected.push_back(name);
  return report;
}

/// Assigns the tensors of a file to the weights of their names. Strict unless the options say otherwise. All or
/// nothing: a fault throws FileError with the whole table, and the model is as it was.
template <class Scalar>
LoadReport load_weights(const LayerState<Scalar>& model, const io::TensorFile& file,
                        const LoadWeightsOptions& options = {}) {
  std::vector<std::pair<Variable<Scalar>, Tensor<Scalar>>> values;
  const LoadReport report = compare_weights(model, file);
  const bool fault = (!options.by_name && !(report.missing.empty() && report.unexpected.empty())) ||
                     (!options.skip_mismatch && !report.mismatched.empty());
  if (fault)
    raise<FileError>("'", file.path().string(), "' does not fit the model '", model.name,
                     "'. Nothing was loaded: ", report,
                     "\nIs it the file of this architecture? .by_name = true loads what has a name in both, ",
                     ".skip_mismatch = true leaves out other shapes.");
  for (const auto& [name, variable] : named_variables(model))
    if (file.contains(name) && file.info(name).shape == variable.shape())
      values.emplace_back(variable, file.read<Scalar>(name));
  for (const auto& [variable, value] : values) variable.assign(value);
  return report;
}

/// Adds every weight of a model to a file that is being written.
template <class Scalar>
void add_weights(io::SafetensorsWriter& writer, const LayerState<Scalar>& model, io::Dtype dtype) {
  for (const auto& [name, variable] : named_variables(model)) writer.add(name, variable.value().view(), dtype);
}

}  // namespace graft::saving
