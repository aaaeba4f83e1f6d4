#pragma once
#include <graft/core/tensor.hpp>
#include <graft/metrics/metric.hpp>

/// The metric of one batch.
template <class S = double>
double metric_of(const graft::Metric& metric, const graft::Tensor<S>& t, const graft::Tensor<S>& p,
                 const graft::Tensor<S>& weights = {}) {
  const auto state = metric.create(t.shape(), p.shape());
  state->update(t.view(), p.view(), weights.empty() ? graft::View<const S>{} : weights.view());
  return state->result();
}
