#pragma once
#include <cmath>
#include <graft/core/concatenate.hpp>
#include <graft/models/model.hpp>

// The longer members of Model.
namespace graft {

template <class Scalar>
void Model<Scalar>::adopt(ModelGraph<Scalar> graph) const {
  model_->graph = std::move(graph);
  model_->output_names.clear();
  for (const auto& output : model_->graph.outputs) model_->output_names.push_back(output.node()->operation->name());
  this->state_->children.clear();
  for (const auto& layer : model_->graph.layers) this->state_->children.push_back(layer->state());
  this->state_->built = true;
  model_->predict_program.reset();
  if (model_->trainer.is_compiled() && !model_->pending_compile)  // a layer came or went: compile what is there now
    model_->pending_compile = model_->trainer.compiled(this->name(), "compile").options;
  if (model_->pending_compile)
    model_->trainer.compile(network(), *std::exchange(model_->pending_compile, std::nullopt));
}

template <class Scalar>
History Model<Scalar>::fit(const std::vector<Tensor<Scalar>>& x, const std::vector<Tensor<Scalar>>& y,
                           const FitOptions<Scalar>& options) const {
  Dataset<Scalar> data = Dataset<Scalar>::from_tensors(x, y, options.sample_weight);
  FitOptions<Scalar> rest = options;
  rest.sample_weight.reset();
  if (options.validation_split != 0 && options.validation_data.dataset.empty()) {
    const Index n = data.size();
    const auto kept = static_cast<Index>(std::floor(static_cast<double>(n) * (1 - options.validation_split)));
    if (options.validation_split < 0 || kept < 1 || kept >= n)
      raise<ArgumentError>("fit: validation_split = ", options.validation_split, " of ", n,
                           " samples leaves nothing to train or to validate on. It must lie between 0 and 1.");
    rest.validation_data = data.skip(kept);
    data = data.take(kept);
  }
  rest.validation_split = 0;
  if (options.shuffle) data = data.shuffle();
  return fit(data, rest);
}

template <class Scalar>
std::shared_ptr<const ModeProgram<Scalar>> Model<Scalar>::predict_program() const {
  const std::lock_guard lock(model_->predict_mutex);
  if (!model_->predict_program)
    model_->predict_program = std::make_shared<const ModeProgram<Scalar>>(lower_network(network(), {}, false, {}));
  return model_->predict_program;
}

template <class Scalar>
std::vector<Tensor<Scalar>> Model<Scalar>::predict_outputs(const Dataset<Scalar>& data,
                                                           const PredictOptions& options) const {
  Trainer<Scalar>::check_count("predict", "batch_size", options.batch_size, 1);
  Trainer<Scalar>::check_count("predict", "steps", options.steps, 1);
  if (data.empty()) raise<ArgumentError>("predict: the dataset is empty.");
  build_graph(data.input_shapes());
  const auto program = predict_program();
  BatchStream<Scalar> stream(data, options.batch_size.value_or(32), options.steps, true);
  const FitParameters params{options.verbose.resolve(), 1, stream.steps()};
  std::vector<CallbackRef> list = options.callbacks;
  if (params.verbose > 0) list.push_back(ProgressBar());
  Access access(*this);
  CallbackList callbacks(list, access, params);
  BatchRunner<Scalar> runner(*program, std::nullopt, model_->trainer.resources().executors, this->name());
  std::vector<std::vector<Tensor<Scalar>>> pieces;
  Batch<Scalar> batch;
  Logs logs;
  callbacks(&Callback::on_predict_begin, logs);
  for (Index step = 0; stream.next(batch); ++step) {
    callbacks(&Callback::on_predict_batch_begin, step, logs);
    runner.predict(batch, pieces);
    callbacks(&Callback::on_predict_batch_end, step, logs);
  }
  callbacks(&Callback::on_predict_end, logs);
  if (pieces.empty()) raise<ArgumentError>("predict: the data holds no sample.");
  std::vector<Tensor<Scalar>> outputs;
  for (const auto& parts : pieces) outputs.push_back(concatenate_rows(parts));
  return outputs;
}

template <class Scalar>
Plan Model<Scalar>::plan(const PlanOptions<Scalar>& options) const {
  const Compiled<Scalar>& compiled = model_->trainer.compiled(this->name(), "plan");
  const auto& data = options.dataset;
  std::vector<Shape> inputs, targets;
  for (const auto& input : graph().inputs) inputs.push_back(input.shape());
  if (!data.empty()) inputs = data.input_shapes();
  // Labels are as the data has them; without data a stand-in of the prediction's shape.
  for (const Head& head : compiled.train.heads)
    if (head.target >= 0) targets.push_back(compiled.train.program->shape(head.prediction));
  if (!data.empty() && data.target_shapes().size() == targets.size()) targets = data.target_shapes();
  const bool known =
      std::all_of(inputs.begin(), inputs.end(), [](const Shape& s) { return s.without_batch().is_known(); });
  Index batch_size = None;
  if (known && (options.batch_size || !data.empty()))
    batch_size = options.batch_size.value_or(data.batch_size() == None ? 32 : data.batch_size());
  const Index samples = !data.empty() && data.fingerprint() ? data.size() : None;
  Plan plan = plan::describe<Scalar>(compiled.train.program, inputs, targets, batch_size, samples);
  plan.model = this->name();
  plan.evaluation_prefix_steps = compiled.eval.program->prefix_steps;
  return plan;
}

}  // namespace graft
