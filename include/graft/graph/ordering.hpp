#pragma once
#include <algorithm>
#include <graft/graph/node.hpp>
#include <unordered_map>

namespace graft {

/// A model's graph in order.
template <class Scalar>
struct GraphOrder {
  std::vector<std::shared_ptr<const Node<Scalar>>> nodes;            ///< every node after those it reads
  std::vector<std::shared_ptr<const Operation<Scalar>>> operations;  ///< in the order of Keras's model.layers
};

/// Walks from the outputs to the inputs. Keras's order of layers: by depth (the longest way to an output), the deepest
/// first, ties by first visit. Source: map_graph_network in keras/src/ops/function.py; files that are loaded by
/// position depend on it.
template <class Scalar>
class GraphWalk {
 public:
  GraphOrder<Scalar> order(const std::vector<SymbolicTensor<Scalar>>& outputs) {
    for (const auto& output : outputs) visit(output.node());
    find_depths();
    std::stable_sort(operations_.begin(), operations_.end(), [&](const auto& a, const auto& b) {
      return operation_depth_.at(a->id()) > operation_depth_.at(b->id());
    });
    return {std::move(nodes_), std::move(operations_)};
  }

 private:
  using NodePointer = std::shared_ptr<const Node<Scalar>>;

  // An explicit stack: a graph may be deeper than the call stack.
  void visit(const NodePointer& root) {
    std::vector<std::pair<NodePointer, std::size_t>> stack;
    const auto enter = [&](const NodePointer& node) {
      if (!seen_.emplace(node.get(), true).second) return;
      if (operation_depth_.emplace(node->operation->id(), 0).second) operations_.push_back(node->operation);
      stack.emplace_back(node, 0);
    };
    for (enter(root); !stack.empty();) {
      auto& [node, next] = stack.back();
      if (next < node->inputs.size()) {
        enter(NodePointer(node->inputs[next++].node()));
      } else {
        nodes_.push_back(node);
        stack.pop_back();
      }
    }
  }
  void find_depths() {
    std::unordered_map<const void*, Index> node_depth;
    for (auto node = nodes_.rbegin(); node != nodes_.rend(); ++node) {
      Index& of_operation = operation_depth_.at((*node)->operation->id());
      const Index depth = std::max(node_depth[node->get()], of_operation);
      of_operation = node_depth[node->get()] = depth;
      for (const auto& input : (*node)->inputs) {
        Index& parent = node_depth[input.node().get()];
        parent = std::max(parent, depth + 1);
      }
    }
  }

  std::vector<NodePointer> nodes_;
  std::vector<std::shared_ptr<const Operation<Scalar>>> operations_;
  std::unordered_map<const void*, bool> seen_;
  std::unordered_map<const void*, Index> operation_depth_;
};

}  // namespace graft
