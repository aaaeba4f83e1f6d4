#pragma once
#include <graft/layers/layer.hpp>
#include <graft/plan/executor.hpp>
#include <graft/plan/passes.hpp>

namespace graft {

namespace detail {

/// A program that holds one operation, with an executor for inputs of these shapes.
template <class Scalar>
std::unique_ptr<plan::Executor<Scalar>> executor_of(const Operation<Scalar>& operation, std::span<const Shape> in,
                                                    std::optional<bool> training, bool backward) {
  auto program = std::make_shared<plan::Program<Scalar>>(training.value_or(false));
  program->unspecified = !training;
  std::vector<ValueId> inputs;
  for (const Shape& shape : in) inputs.push_back(program->input(shape.with_front(None)));
  const auto outputs = program->call(operation, inputs);
  if (backward) program->seeds = outputs;
  plan::finish(*program, outputs);
  plan::Part<Scalar> part;
  for (std::size_t i = 0; i < program->steps.size(); ++i) part.steps.push_back(static_cast<Index>(i));
  part.feeds = program->inputs;
  part.shapes.assign(in.begin(), in.end());
  part.fetch = outputs;
  part.backward = backward;
  return std::make_unique<plan::Executor<Scalar>>(plan::Binding<Scalar>(program, std::move(part), in.front().front()),
                                                  std::make_shared<plan::PackedStore<Scalar>>());
}

}  // namespace detail

template <class Scalar>
Tensor<Scalar> Layer<Scalar>::operator()(const std::vector<Tensor<Scalar>>& x, CallOptions options) const {
  std::vector<Shape> in;
  for (const auto& tensor : x) in.push_back(tensor.shape());
  require_inputs(in, 1, static_cast<Index>(in.size()));
  compute_output_shapes(in);
  ensure_built(in);
  const auto executor = detail::executor_of<Scalar>(*this, in, options.training, false);
  const Index n = in.front().front();
  const auto& part = executor->binding().part();
  for (std::size_t i = 0; i < x.size(); ++i)
    std::copy_n(x[i].data(), x[i].size(), executor->value(part.feeds[i], n).data);
  executor->forward(n, {.seed = next_seed(), .iteration = state()->calls++});
  return Tensor<Scalar>(View<const Scalar>(executor->value(part.fetch.front(), n)));
}

template <class Scalar>
Tensor<Scalar> Layer<Scalar>::operator()(const Tensor<Scalar>& x, CallOptions options) const {
  return (*this)(std::vector<Tensor<Scalar>>{x}, options);
}

}  // namespace graft
