#pragma once
#include <graft/layers/input_layer.hpp>
#include <graft/models/model.hpp>

namespace graft {

/// Layers one after the other. Without an InputLayer at its head it learns its input shape from the first data or call.
/// layers() does not list the InputLayer, as in Keras.
template <class Scalar = float>
class Sequential : public Model<Scalar> {
 public:
  using typename Model<Scalar>::Shapes;

  Sequential() { this->set_identity({}, this->class_name(), true); }
  Sequential(std::initializer_list<LayerRef<Scalar>> layers, ModelOptions options = {})
      : Sequential(std::vector<LayerRef<Scalar>>(layers), std::move(options)) {}
  /// One child, which is that model itself: a list of one Sequential nests and never copies.
  template <std::same_as<Sequential> S>
  Sequential(std::initializer_list<S> layers, ModelOptions options = {})
      : Sequential(std::vector<LayerRef<Scalar>>(layers.begin(), layers.end()), std::move(options)) {}
  explicit Sequential(const std::vector<LayerRef<Scalar>>& layers, ModelOptions options = {}) {
    this->set_identity(options.name, this->class_name(), true);
    for (const auto& layer : layers) add(*layer);
    if (!options.trainable) this->trainable = false;
  }

  std::shared_ptr<Layer<Scalar>> share() const override { return std::make_shared<Sequential>(*this); }

  /// Appends a layer; an InputLayer gives the input shape and must come first. Throws ArgumentError for a second layer
  /// of the same name, and ShapeError for one that cannot take the present output: the model stays as it was then.
  void add(const Layer<Scalar>& layer) const {
    if (const auto* input = dynamic_cast<const layers::InputLayer<Scalar>*>(&layer)) return start(input->output());
    for (const auto& other : sequence())
      if (other.name() == layer.name())
        raise<ArgumentError>(this->who(), ": two layers are called '", layer.name(),
                             "'. Names must be unique in a model; give one of them another .name.");
    const LayerRef<Scalar> added(layer);
    if (has_input()) {
      const auto& graph = this->model_->graph;
      connect(graph.inputs, layer(has_graph() ? graph.outputs : graph.inputs), {added});
    } else {
      this->model_->graph.layers.push_back(added);
      this->state_->children.push_back(layer.state());
    }
  }
  /// Drops the last layer. Throws StateError if there is none.
  void pop() const {
    if (sequence().empty()) raise<StateError>(this->who(), ": pop() on a model without layers.");
    std::vector<LayerRef<Scalar>> left = sequence();
    left.pop_back();
    if (left.empty() || !has_graph()) {
      const auto inputs = this->model_->graph.inputs;
      this->model_->graph = {};
      this->model_->graph.inputs = inputs;
      this->state_->built = false;
      this->state_->children.clear();
      for (const auto& layer : left) this->state_->children.push_back(layer->state());
      this->model_->graph.layers = std::move(left);
      return;
    }
    const auto before = this->model_->graph.outputs.front().node()->inputs;
    const auto inputs = this->model_->graph.inputs;
    this->model_->graph.layers = std::move(left);
    connect(inputs, before.front(), {});
  }

  std::vector<Shape> compute_output_shapes(Shapes in) const override {
    if (has_graph()) return Model<Scalar>::compute_output_shapes(in);
    std::vector<Shape> shapes(in.begin(), in.end());
    for (const auto& layer : sequence()) shapes = layer->compute_output_shapes(shapes);
    return shapes;
  }
  void build_inputs(Shapes in) const override { build_graph(in); }

 protected:
  void build_graph(Shapes in) const override {
    if (has_graph()) return;
    if (sequence().empty()) raise<StateError>(this->who(), " has no layers. Call add() first.");
    if (in.size() != 1) raise<ArgumentError>(this->who(), " takes one input, got ", in.size(), ".");
    start(Input<Scalar>(in.front().without_batch()));
  }

 private:
  const std::vector<LayerRef<Scalar>>& sequence() const { return this->model_->graph.layers; }
  bool has_input() const { return !this->model_->graph.inputs.empty(); }
  bool has_graph() const { return !this->model_->graph.outputs.empty(); }

  void start(const SymbolicTensor<Scalar>& input) const {
    if (has_input()) raise<ArgumentError>(this->who(), " has an input already: an InputLayer can only come first.");
    this->model_->graph.inputs = input;
    if (sequence().empty()) return;
    SymbolicTensor<Scalar> x = input;
    const auto layers = sequence();
    for (const auto& layer : layers) x = (*layer)(x);
    this->model_->graph.layers.clear();
    connect(input, x, layers);
  }
  // Takes the new graph and keeps the layers in the order in which they were added.
  void connect(const SymbolicTensors<Scalar>& inputs, const SymbolicTensor<Scalar>& output,
               const std::vector<LayerRef<Scalar>>& added) const {
    ModelGraph<Scalar> graph(inputs, output, this->name());
    graph.layers = std::vector<LayerRef<Scalar>>(sequence());
    for (const auto& layer : added) graph.layers.push_back(layer);
    this->adopt(std::move(graph));
  }
};

Sequential(std::initializer_list<LayerRef<float>>)->Sequential<float>;
Sequential(std::initializer_list<LayerRef<float>>, ModelOptions)->Sequential<float>;

}  // namespace graft
