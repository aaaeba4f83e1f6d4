#pragma once
#include <graft/layers/layer.hpp>

namespace graft {

namespace layers {

struct InputLayerOptions {
  Index batch_size = None;
  std::string name = {};  ///< empty: "input_layer", "input_layer_1", ...
};

/// The entry of a graph. `shape` is that of one sample: (height, width, channels), None where it may vary.
template <class Scalar = float>
class InputLayer final : public Layer<Scalar> {
 public:
  explicit InputLayer(const Shape& shape, InputLayerOptions options = {})
      : batch_shape_(shape.with_batch(options.batch_size)) {
    this->set_identity(options.name, class_name(), true);
    // A graph's entry is there as soon as the layer is, so that output() works.
    node_ =
        std::make_shared<const Node<Scalar>>(Node<Scalar>{std::make_shared<InputLayer>(*this), {}, {batch_shape_}, {}});
    this->state_->nodes.push_back(node_);
    this->state_->built = true;
  }

  std::string class_name() const override { return "InputLayer"; }
  std::shared_ptr<Layer<Scalar>> share() const override { return std::make_shared<InputLayer>(*this); }
  /// With the batch axis.
  const Shape& batch_shape() const { return batch_shape_; }
  std::vector<ValueId> lower(Builder<Scalar>&, const std::vector<ValueId>& in) const override { return in; }
  Shape compute_output_shape(const Shape& in) const override {
    if (!batch_shape_.accepts(in)) raise<ShapeError>(this->who(), " expects ", batch_shape_, ", got ", in, ".");
    return in;
  }
  void config(ConfigVisitor& c) const override {
    auto layer = *this;
    std::string name = this->name();
    c("batch_shape", layer.batch_shape_);
    c("name", name);
  }
  static InputLayer from_config(ConfigVisitor& c) {
    Shape batch_shape;
    InputLayerOptions options;
    c("batch_shape", batch_shape);
    c("name", options.name);
    if (batch_shape.empty()) raise<ArgumentError>("InputLayer '", options.name, "': its config has no batch_shape.");
    options.batch_size = batch_shape.front();
    return InputLayer(batch_shape.without_batch(), options);
  }

 private:
  Shape batch_shape_;
  std::shared_ptr<const Node<Scalar>> node_;  ///< not in the copy that the node itself holds
};

}  // namespace layers

struct InputOptions {
  Index batch_size = None;
  std::string name = {};
};

/// A symbolic tensor to start a graph from; `shape` is that of one sample.
template <class Scalar = float>
SymbolicTensor<Scalar> Input(const Shape& shape, InputOptions options = {}) {
  return layers::InputLayer<Scalar>(shape, {.batch_size = options.batch_size, .name = std::move(options.name)})
      .output();
}

}  // namespace graft
