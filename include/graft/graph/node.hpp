#pragma once
#include <graft/graph/operation.hpp>

namespace graft {

template <class Scalar>
struct Node;

/// A tensor that will exist when data flows: its shape with the batch axis (usually None) and the call that makes it.
template <class Scalar>
class SymbolicTensor {
 public:
  SymbolicTensor(std::shared_ptr<const Node<Scalar>> node, Index index) : node_(std::move(node)), index_(index) {}

  const Shape& shape() const { return node_->output_shapes[to_size(index_)]; }
  const std::shared_ptr<const Node<Scalar>>& node() const { return node_; }
  /// Which of the node's outputs this is.
  Index index() const { return index_; }

 private:
  std::shared_ptr<const Node<Scalar>> node_;
  Index index_;
};

/// One call of an operation. A node is not the operation: a layer called twice has two nodes and one set of weights.
/// A node owns the nodes it reads, so a graph lives as long as one of its outputs.
template <class Scalar>
struct Node {
  std::shared_ptr<const Operation<Scalar>> operation;
  std::vector<SymbolicTensor<Scalar>> inputs;
  std::vector<Shape> output_shapes;
  std::optional<bool> training;  ///< the `training` argument of the call
};

/// One symbolic tensor or a list of them: what a model's inputs and outputs are given as.
template <class Scalar>
class SymbolicTensors : public std::vector<SymbolicTensor<Scalar>> {
  using List = std::vector<SymbolicTensor<Scalar>>;

 public:
  SymbolicTensors() = default;
  SymbolicTensors(const SymbolicTensor<Scalar>& one) : List{one} {}
  SymbolicTensors(std::initializer_list<SymbolicTensor<Scalar>> list) : List(list) {}
  SymbolicTensors(List list) : List(std::move(list)) {}
};

}  // namespace graft
