#pragma once
#include <graft/graph/ordering.hpp>
#include <graft/layers/layer_ref.hpp>
#include <map>
#include <set>

namespace graft {

template <class Scalar = float>
class Model;

/// The nodes and layers between a model's inputs and outputs. Checks them when it is made.
template <class Scalar>
struct ModelGraph {
  SymbolicTensors<Scalar> inputs, outputs;
  std::vector<std::shared_ptr<const Node<Scalar>>> nodes;  ///< each after those it reads
  std::vector<LayerRef<Scalar>> layers;                    ///< in Keras's order

  ModelGraph() = default;
  /// Throws ArgumentError if an input is not made by Input(), an input is listed twice or not at all or reaches no
  /// output, or two layers have one name. `model` names the model.
  ModelGraph(const SymbolicTensors<Scalar>& in, const SymbolicTensors<Scalar>& out, const std::string& model)
      : inputs(in), outputs(out) {
    if (in.empty() || out.empty()) raise<ArgumentError>("Model '", model, "' needs at least one input and one output.");
    GraphOrder<Scalar> order = GraphWalk<Scalar>().order(out);
    nodes = std::move(order.nodes);
    for (const auto& operation : order.operations)
      layers.emplace_back(std::dynamic_pointer_cast<const Layer<Scalar>>(operation));
    check_inputs(model);
    check_names(model);
  }

  /// Calls every layer in order; `in` are the values of the inputs.
  std::vector<ValueId> lower(Builder<Scalar>& builder, const std::vector<ValueId>& in) const {
    std::unordered_map<const Node<Scalar>*, std::vector<ValueId>> values;
    for (std::size_t i = 0; i < inputs.size(); ++i) values[inputs[i].node().get()] = {in[i]};
    for (const auto& node : nodes) {
      if (values.contains(node.get())) continue;
      std::vector<ValueId> arguments;
      for (const auto& x : node->inputs) arguments.push_back(value_of(values, x));
      if (node->training)
        builder.note(node->operation->name() + ": training = " + (*node->training ? "true" : "false") +
                     " was given to its call; fit, evaluate and predict override it, as in Keras 3");
      values[node.get()] = builder.call(*node->operation, arguments);
    }
    std::vector<ValueId> out;
    for (const auto& y : outputs) out.push_back(value_of(values, y));
    return out;
  }

 private:
  template <class Map>
  static ValueId value_of(const Map& values, const SymbolicTensor<Scalar>& tensor) {
    return values.at(tensor.node().get())[to_size(tensor.index())];
  }
  void check_inputs(const std::string& model) const {
    std::set<const Node<Scalar>*> listed, reached;
    for (const auto& input : inputs) {
      if (!input.node()->inputs.empty())
        raise<ArgumentError>("Model '", model, "': the input of shape ", input.shape(), " is the result of layer '",
                             input.node()->operation->name(), "'. Give a tensor made by Input().");
      if (!listed.insert(input.node().get()).second)
        raise<ArgumentError>("Model '", model, "': the input '", input.node()->operation->name(), "' is listed twice.");
    }
    for (const auto& node : nodes) {
      reached.insert(node.get());
      if (node->inputs.empty() && !listed.contains(node.get()))
        raise<ArgumentError>(
            "Model '", model, "': its outputs need the input '", node->operation->name(),
            "', which is not among its inputs. Add it, or build the head on a tensor of the same graph.");
    }
    for (const auto* node : listed)
      if (!reached.contains(node))
        raise<ArgumentError>("Model '", model, "': no output depends on the input '", node->operation->name(), "'.");
  }
  void check_names(const std::string& model) const {
    std::set<std::string> names;
    for (const auto& layer : layers)
      if (!names.insert(layer.name()).second)
        raise<ArgumentError>("Model '", model, "': two layers are called '", layer.name(),
                             "'. Names must be unique in a model; give one of them another .name.");
  }
};

}  // namespace graft
