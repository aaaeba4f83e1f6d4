#pragma once
#include <graft/models/model.hpp>

namespace graft {

namespace detail {

/// The calls inside a model, those of nested models in their place.
template <class Scalar>
class FlatGraph {
 public:
  explicit FlatGraph(const Model<Scalar>& model) : who_("Model '" + model.name() + "'"), inputs_(model.graph().inputs) {
    for (const auto& input : inputs_) nodes_.push_back(input.node());
    outputs_ = add(model.graph(), inputs_);
  }

  const SymbolicTensors<Scalar>& outputs() const { return outputs_; }
  /// Every call, each after those it reads; the inputs come first.
  const std::vector<std::shared_ptr<const Node<Scalar>>>& nodes() const { return nodes_; }
  /// The output of the only call of the layer of that name. Throws ArgumentError if there is none, or more than one.
  SymbolicTensor<Scalar> output_of(const std::string& layer, const char* who) const {
    SymbolicTensors<Scalar> found;
    std::string names;
    for (const auto& node : nodes_) {
      const std::string& name = node->operation->name();
      if (name == layer) found.emplace_back(node, 0);
      names += (names.empty() ? "" : ", ") + name;
    }
    if (found.empty())
      raise<ArgumentError>(who, ": ", who_, " has no layer '", layer, "'. Its layers are: ", names, ".");
    if (found.size() > 1)
      raise<ArgumentError>(who, ": the layer '", layer, "' of ", who_, " is called ", found.size(),
                           " times, so it does not name one tensor. Name a layer that is called once.");
    return found.front();
  }
  /// The model's inputs that the tensor depends on.
  SymbolicTensors<Scalar> inputs_of(const GraphOrder<Scalar>& order) const {
    SymbolicTensors<Scalar> used;
    for (const auto& input : inputs_)
      if (std::find(order.nodes.begin(), order.nodes.end(), input.node()) != order.nodes.end()) used.push_back(input);
    return used;
  }

 private:
  using NodePointer = std::shared_ptr<const Node<Scalar>>;

  /// Adds the calls of a graph on these arguments. A call that reads the same tensors as before is the old node itself,
  /// so what is not nested stays connected to what its layers' output() give.
  SymbolicTensors<Scalar> add(const ModelGraph<Scalar>& graph, const SymbolicTensors<Scalar>& arguments) {
    std::unordered_map<const Node<Scalar>*, SymbolicTensors<Scalar>> made;
    for (std::size_t i = 0; i < arguments.size(); ++i) made[graph.inputs[i].node().get()] = arguments[i];
    const auto now = [&](const SymbolicTensor<Scalar>& x) { return made.at(x.node().get())[to_size(x.index())]; };
    for (const auto& node : graph.nodes) {
      if (made.contains(node.get())) continue;
      SymbolicTensors<Scalar> in;
      for (const auto& x : node->inputs) in.push_back(now(x));
      if (const auto* model = dynamic_cast<const Model<Scalar>*>(node->operation.get()))
        made[node.get()] = add(model->graph(), in);
      else
        made[node.get()] = outputs_of(call(node, in));
    }
    SymbolicTensors<Scalar> out;
    for (const auto& y : graph.outputs) out.push_back(now(y));
    return out;
  }
  NodePointer call(const NodePointer& node, const SymbolicTensors<Scalar>& in) {
    const bool same = std::equal(in.begin(), in.end(), node->inputs.begin(), [](const auto& a, const auto& b) {
      return a.node() == b.node() && a.index() == b.index();
    });
    std::vector<Shape> shapes;
    for (const auto& x : in) shapes.push_back(x.shape());
    nodes_.push_back(same ? node
                          : std::make_shared<const Node<Scalar>>(Node<Scalar>{
                                node->operation, in, node->operation->compute_output_shapes(shapes), node->training}));
    return nodes_.back();
  }
  static SymbolicTensors<Scalar> outputs_of(const NodePointer& node) {
    SymbolicTensors<Scalar> out;
    for (std::size_t i = 0; i < node->output_shapes.size(); ++i) out.emplace_back(node, static_cast<Index>(i));
    return out;
  }

  std::string who_;
  SymbolicTensors<Scalar> inputs_, outputs_;
  std::vector<NodePointer> nodes_;
};

}  // namespace detail

/// The model from the inputs to the output of one layer: what the network makes of images there. It shares its layers
/// with the model, which stays as it was; nested models are taken apart, so their layers can be named too.
/// Throws ArgumentError if no layer has that name, or if it is called more than once; StateError for a Sequential that
/// has no input shape yet.
template <class Scalar>
Model<Scalar> features(const Model<Scalar>& model, const std::string& layer, ModelOptions options = {}) {
  const detail::FlatGraph<Scalar> flat(model);
  const auto output = flat.output_of(layer, "features");
  const Model<Scalar> made(flat.inputs_of(GraphWalk<Scalar>().order({output})), output, std::move(options));
  made.set_preprocessing(model.preprocessing());
  return made;
}

/// What the call of a layer gives.
template <class Scalar>
struct LayerOutput {
  std::string layer;
  SymbolicTensor<Scalar> output;
};

/// The outputs of all calls of a model's layers but its inputs, each after those it reads; nested models are taken
/// apart. Model(model.inputs(), outputs) computes them. Throws StateError for a Sequential without an input shape.
template <class Scalar>
std::vector<LayerOutput<Scalar>> layer_outputs(const Model<Scalar>& model) {
  const detail::FlatGraph<Scalar> flat(model);
  std::vector<LayerOutput<Scalar>> all;
  for (const auto& node : flat.nodes())
    for (std::size_t i = 0; !node->inputs.empty() && i < node->output_shapes.size(); ++i)
      all.push_back({node->operation->name(), {node, static_cast<Index>(i)}});
  return all;
}

}  // namespace graft
