#pragma once
#include <graft/activations/activation.hpp>
#include <graft/graph/builder.hpp>
#include <graft/regularizers/regularizer.hpp>
#include <graft/steps/activate.hpp>
#include <graft/steps/activity_penalty.hpp>
#include <graft/steps/softmax.hpp>

namespace graft {

/// Emits the activation's step; none for "linear".
template <class Scalar>
ValueId lower_activation(Builder<Scalar>& builder, ValueId x, const Activation& activation) {
  if (activation.name() == "linear") return x;
  if (const auto function = activation.elementwise())
    return builder.template step<steps::Activate<Scalar>>({x}, *function, activation.name());
  return builder.template step<steps::Softmax<Scalar>>(
      {x}, activation.name() == "softmax" ? ops::SoftmaxKind::softmax : ops::SoftmaxKind::log_softmax);
}

/// Adds the mean penalty of a layer's output to the loss; none without a regularizer. Kept when the layer is frozen.
template <class Scalar>
ValueId lower_penalty(Builder<Scalar>& builder, ValueId x, const Regularizer& activity_regularizer) {
  if (activity_regularizer)
    builder.add_loss(builder.template step<steps::ActivityPenalty<Scalar>>({x}, activity_regularizer));
  return x;
}

}  // namespace graft
