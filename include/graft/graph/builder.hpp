#pragma once
#include <functional>
#include <graft/graph/op.hpp>
#include <memory>
#include <string_view>
#include <utility>

namespace graft {

/// Number of a value in a program.
using ValueId = Index;

template <class Scalar>
class Operation;

/// What an operation lowers itself through: it emits steps on values.
template <class Scalar>
class Builder {
 public:
  using Values = std::vector<ValueId>;

  virtual ~Builder() = default;
  /// True while the training program is built.
  virtual bool training() const = 0;
  /// True where augmentation acts: in training and, as in Keras, in a call on tensors that does not say which it is.
  virtual bool augments() const { return training(); }
  virtual Shape shape(ValueId value) const = 0;
  /// Appends one step and returns its output.
  virtual ValueId emit(std::unique_ptr<Op<Scalar>> op, Values in) = 0;
  /// Lowers another operation in place: what a model does with its layers.
  virtual Values call(const Operation<Scalar>& operation, const Values& in) = 0;
  /// The same elements under another shape: no step, no copy. `reshape` maps shapes with the batch axis.
  virtual ValueId alias(ValueId value, std::function<Shape(const Shape&)> reshape) = 0;
  /// The value that the activation step of that kind ("softmax") turned into `value`; nothing if another made it.
  virtual std::optional<ValueId> before(ValueId value, std::string_view activation) const = 0;
  /// Number of a random step: by structure, never by an automatic name.
  virtual std::uint64_t stream() = 0;
  /// Adds a value of shape (batch,) to the loss: mean over the batch.
  virtual void add_loss(ValueId per_sample) = 0;
  /// A line for the printed plan.
  virtual void note(std::string text) = 0;

  template <class Step, class... Arguments>
  ValueId step(Values in, Arguments&&... arguments) {
    return emit(std::make_unique<Step>(std::forward<Arguments>(arguments)...), std::move(in));
  }
};

}  // namespace graft
