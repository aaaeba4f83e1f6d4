#pragma once
#include <atomic>
#include <graft/constraints/constraint.hpp>
#include <graft/graph/node.hpp>
#include <graft/regularizers/regularizer.hpp>

namespace graft {

/// How a weight is made and what holds for it while it learns.
template <class Scalar>
struct Weight {
  Variable<Scalar> variable;
  Regularizer regularizer;  ///< adds to the loss while the weight learns
  Constraint constraint;    ///< applied after each update
};

/// What all handles on one layer share: everything that can change.
template <class Scalar>
struct LayerState {
  std::string name;
  bool trainable = true, built = false;
  std::atomic<long> calls = 0;                           ///< on tensors: a layer with a seed draws anew in each
  std::vector<Weight<Scalar>> weights;                   ///< in order of creation
  std::vector<std::shared_ptr<LayerState>> children;     ///< a model's layers
  std::vector<std::weak_ptr<const Node<Scalar>>> nodes;  ///< the layer's calls; the graph owns them

  void set_trainable(bool on) {
    trainable = on;
    for (const auto& weight : weights) weight.variable.set_trainable(on);
    for (const auto& child : children) child->set_trainable(on);
  }
  /// Visits this state and all below it, parents first.
  template <class F>
  void visit(F&& f) const {
    f(*this);
    for (const auto& child : children) child->visit(f);
  }
};

/// `layer.trainable = false;` writes the flag on the layer, its variables and everything below it; it reads as bool. It
/// can't be copied, so `auto was = layer.trainable` does not compile where `bool was` keeps the value.
template <class Scalar>
class TrainableProperty {
 public:
  explicit TrainableProperty(LayerState<Scalar>* state) : state_(state) {}
  TrainableProperty(const TrainableProperty&) = delete;
  TrainableProperty& operator=(const TrainableProperty& other) { return *this = static_cast<bool>(other); }
  TrainableProperty& operator=(bool on) {
    state_->set_trainable(on);
    return *this;
  }
  const TrainableProperty& operator=(bool on) const {
    state_->set_trainable(on);
    return *this;
  }
  operator bool() const { return state_->trainable; }

 private:
  LayerState<Scalar>* state_;
};

}  // namespace graft
