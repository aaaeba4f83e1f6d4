#pragma once
#include <graft/core/tensor.hpp>
#include <graft/losses/loss.hpp>

/// A loss's values, one per row.
template <class S>
graft::Tensor<S> losses_of(const graft::Loss& loss, const graft::Tensor<S>& t, const graft::Tensor<S>& p) {
  graft::Tensor<S> values(loss->loss_shape(t.shape(), p.shape()));
  loss->forward(t.view(), p.view(), values.view());
  return values;
}
/// d/dp of sum(dloss * loss); the result starts as NaN, so that it has to be written.
template <class S>
graft::Tensor<S> gradient_of(const graft::Loss& loss, const graft::Tensor<S>& t, const graft::Tensor<S>& p,
                             const graft::Tensor<S>& dloss) {
  graft::Tensor<S> dp(p.shape());
  dp.array().setConstant(std::numeric_limits<S>::quiet_NaN());
  loss->backward(t.view(), p.view(), dloss.view(), dp.view());
  return dp;
}
/// The same with dloss = 1.
template <class S>
graft::Tensor<S> gradient_of(const graft::Loss& loss, const graft::Tensor<S>& t, const graft::Tensor<S>& p) {
  graft::Tensor<S> ones(loss->loss_shape(t.shape(), p.shape()));
  ones.array().setOnes();
  return gradient_of(loss, t, p, ones);
}
/// The loss of one row.
template <class S>
S loss_of(const graft::Loss& loss, std::initializer_list<S> t, std::initializer_list<S> p) {
  const auto n = static_cast<graft::Index>(p.size());
  return losses_of(loss, graft::Tensor<S>({1, static_cast<graft::Index>(t.size())}, t), graft::Tensor<S>({1, n}, p))(0);
}
