#pragma once
#include <graft/layers/layer.hpp>

namespace graft {

/// What lists of layers hold: a handle on any layer. Iterating by `auto`, `auto&` and `const auto&` all reach the same
/// layer.
template <class Scalar>
class LayerRef {
  std::shared_ptr<const Layer<Scalar>> layer_;

 public:
  const TrainableProperty<Scalar> trainable;

  /// Throws StateError if the layer's class does not override share(): a handle of another class would lose it.
  LayerRef(const Layer<Scalar>& layer) : LayerRef(layer.handle()) {}
  explicit LayerRef(std::shared_ptr<const Layer<Scalar>> layer)
      : layer_(std::move(layer)), trainable(layer_->state().get()) {}
  LayerRef(const LayerRef& other) : LayerRef(other.layer_) {}
  /// The layer behind Input(..), for Sequential({Input({28, 28, 1}), ..}).
  LayerRef(const SymbolicTensor<Scalar>& input)
      : LayerRef(std::dynamic_pointer_cast<const Layer<Scalar>>(input.node()->operation)) {}
  LayerRef& operator=(const LayerRef&) = delete;

  const Layer<Scalar>& operator*() const { return *layer_; }
  const Layer<Scalar>* operator->() const { return layer_.get(); }
  const std::shared_ptr<const Layer<Scalar>>& pointer() const { return layer_; }
  const std::string& name() const { return layer_->name(); }
  SymbolicTensor<Scalar> output() const { return layer_->output(); }
  SymbolicTensor<Scalar> input() const { return layer_->input(); }
  std::vector<Variable<Scalar>> weights() const { return layer_->weights(); }
  std::vector<Tensor<Scalar>> get_weights() const { return layer_->get_weights(); }
  void set_weights(const std::vector<Tensor<Scalar>>& values) const { layer_->set_weights(values); }
  Index count_params() const { return layer_->count_params(); }
  std::string class_name() const { return layer_->class_name(); }
};

/// A range of handles, as model.layers() gives it.
template <class Scalar>
class LayerList {
 public:
  explicit LayerList(std::vector<LayerRef<Scalar>> layers) : layers_(std::move(layers)) {}

  auto begin() { return layers_.begin(); }
  auto end() { return layers_.end(); }
  auto begin() const { return layers_.begin(); }
  auto end() const { return layers_.end(); }
  Index size() const { return static_cast<Index>(layers_.size()); }
  /// Layer i; negative counts from the end. Throws ArgumentError if there is none.
  const LayerRef<Scalar>& operator[](Index i) const {
    const Index at = i < 0 ? i + size() : i;
    if (at < 0 || at >= size()) raise<ArgumentError>("layers()[", i, "]: the list has ", size(), " layers.");
    return layers_[to_size(at)];
  }
  /// Python's slice [begin:end]: negative counts from the end, out of range is clamped.
  LayerList slice(Index begin, std::optional<Index> end = std::nullopt) const {
    const auto clamp = [n = size()](Index i) { return std::clamp<Index>(i < 0 ? i + n : i, 0, n); };
    const Index first = clamp(begin), last = std::max(first, clamp(end.value_or(size())));
    return LayerList({layers_.begin() + first, layers_.begin() + last});
  }

 private:
  std::vector<LayerRef<Scalar>> layers_;
};

}  // namespace graft
