#pragma once
#include <graft/graph/builder.hpp>
#include <memory>
#include <string>

namespace graft {

/// What a node calls: a layer or a model. Abstract, so that the graph knows no layer.
template <class Scalar>
class Operation {
 public:
  virtual ~Operation() = default;
  virtual const std::string& name() const = 0;
  /// Equal for all handles on one layer.
  virtual const void* id() const = 0;
  /// The trainable flag of the operation itself; a frozen model freezes what it holds.
  virtual bool enabled() const { return true; }
  virtual std::vector<Shape> compute_output_shapes(std::span<const Shape> in) const = 0;
  virtual std::vector<ValueId> lower(Builder<Scalar>& builder, const std::vector<ValueId>& in) const = 0;
};

}  // namespace graft
