#pragma once
#include <graft/layers/layer.hpp>
#include <graft/plan/passes.hpp>
#include <graft/steps/loss_step.hpp>
#include <graft/training/compile_options.hpp>

namespace graft {

/// What training knows of a model.
template <class Scalar>
struct Network {
  std::shared_ptr<const Operation<Scalar>> operation;
  std::shared_ptr<LayerState<Scalar>> state;
  std::vector<Shape> input_shapes;
  std::vector<std::string> output_names;
};

/// One output of a program with its loss; ids are -1 where there is none.
struct Head {
  std::string name = {};
  ValueId prediction = -1, target = -1, loss = -1;
  ValueId logits = -1;          ///< what a softmax or sigmoid made the prediction of, if a metric reads that
  std::string activation = {};  ///< and its name
  Loss function = {};
  double weight = 1;
  std::vector<Metric> metrics = {}, weighted_metrics = {};

  bool is_measured() const { return function || !metrics.empty() || !weighted_metrics.empty(); }
};

/// A model lowered in one mode, with its losses.
template <class Scalar>
struct ModeProgram {
  std::shared_ptr<const plan::Program<Scalar>> program;
  std::vector<Head> heads;
  std::vector<ValueId> penalties;  ///< per-sample values of activity regularizers

  std::vector<ValueId> predictions() const {
    std::vector<ValueId> all;
    for (const Head& head : heads) all.push_back(head.prediction);
    return all;
  }
  std::vector<ValueId> targets() const {
    std::vector<ValueId> all;
    for (const Head& head : heads)
      if (head.target >= 0) all.push_back(head.target);
    return all;
  }
};

namespace detail {

/// The value that a loss reads: the one before the softmax or sigmoid that makes the prediction, with the name of that
/// activation, where the loss has such a form; else the prediction. Source: Keras's TensorFlow backend does the same.
template <class Scalar>
std::pair<ValueId, std::string> loss_input(const Builder<Scalar>& builder, ValueId prediction, const Loss& loss) {
  for (const char* activation : {"softmax", "sigmoid"})
    if (const auto before = builder.before(prediction, activation))
      if (loss.resolve({}, builder.shape(prediction)).on_logits(activation)) return {*before, activation};
  return {prediction, ""};
}

/// Sets the head's logits if one of its metrics has a form that reads them, as Keras's TensorFlow backend does.
template <class Scalar>
void find_logits(const Builder<Scalar>& builder, Head& head) {
  for (const char* activation : {"softmax", "sigmoid"}) {
    const auto before = builder.before(head.prediction, activation);
    const auto reads = [&](const Metric& metric) { return metric.on_logits(activation).has_value(); };
    for (const auto* metrics : {&head.metrics, &head.weighted_metrics})
      if (before && std::any_of(metrics->begin(), metrics->end(), reads)) {
        head.logits = *before;
        head.activation = activation;
      }
  }
}

}  // namespace detail

/// Lowers a network in one mode with its losses. `changing`: the variables that training changes (see Program).
template <class Scalar>
ModeProgram<Scalar> lower_network(const Network<Scalar>& network, const CompileOptions& options, bool training,
                                  plan::VariableIds changing) {
  auto program = std::make_shared<plan::Program<Scalar>>(training, std::move(changing));
  ModeProgram<Scalar> mode;
  for (const Shape& shape : network.input_shapes) program->input(shape);
  const auto outputs = program->call(*network.operation, program->inputs);
  mode.penalties = program->seeds;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    Head head{.name = network.output_names[i], .prediction = outputs[i]};
    head.function = options.loss.at(i, network.output_names, "loss", Loss{});
    head.weight = options.loss_weights.at(i, network.output_names, "loss_weights", 1.0);
    head.metrics = options.metrics.at(i, network.output_names, "metrics");
    head.weighted_metrics = options.weighted_metrics.at(i, network.output_names, "weighted_metrics");
    // The shape of the labels is known when data comes.
    if (head.is_measured()) head.target = program->target({});
    if (head.function) {
      const auto [value, activation] = detail::loss_input<Scalar>(*program, head.prediction, head.function);
      head.loss = program->template step<steps::LossStep<Scalar>>({value, head.target}, head.function, activation);
      program->add_loss(head.loss);
    }
    detail::find_logits<Scalar>(*program, head);
    mode.heads.push_back(std::move(head));
  }
  auto kept = outputs;
  for (const Head& head : mode.heads)
    if (head.logits >= 0) kept.push_back(head.logits);
  plan::finish(*program, std::move(kept));
  mode.program = std::move(program);
  return mode;
}

}  // namespace graft
