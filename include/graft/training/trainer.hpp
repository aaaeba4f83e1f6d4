#pragma once
#include <graft/training/fill_report.hpp>
#include <graft/training/fit_options.hpp>
#include <graft/training/phase.hpp>
#include <graft/training/progress.hpp>
#include <iostream>

namespace graft {

/// compile, fit, evaluate and predict for a network; a model owns one. What callbacks may do with the model comes in as
/// a TrainableModel.
template <class Scalar>
class Trainer {
 public:
  void compile(const Network<Scalar>& network, const CompileOptions& options) {
    compiled_ = compile_network(network, options);
    stop_training_ = false;
  }
  bool is_compiled() const { return compiled_ != nullptr; }
  /// Throws StateError before compile(); `call` names the caller.
  Compiled<Scalar>& compiled(const std::string& model, const char* call) const {
    if (!compiled_)
      raise<StateError>(call, "() called before compile(): Model '", model,
                        "' has no optimizer and no loss. Call model.compile({.loss = ...}) first.");
    return *compiled_;
  }
  bool& stop_training() { return stop_training_; }
  /// Throws ArgumentError if a number is given that is below `least`; `call` and `option` name it.
  static void check_count(const char* call, const char* option, std::optional<Index> value, Index least) {
    if (value && *value < least)
      raise<ArgumentError>(call, ": ", option, " must be at least ", least, ", got ", *value, ".");
  }
  Resources<Scalar>& resources() { return resources_; }

  History fit(const Network<Scalar>& network, TrainableModel& model, const Dataset<Scalar>& train,
              const FitOptions<Scalar>& options) {
    check_counts(options);
    Compiled<Scalar>& compiled = ready_to_train(network, model, "fit");
    const int verbose = options.verbose.resolve();
    const Dataset<Scalar>& validation_data = options.validation_data.dataset;
    resources_.features.next_round();
    const auto open = [&](const ModeProgram<Scalar>& mode, const Dataset<Scalar>& data, Index batch_size,
                          std::optional<Index> steps) {
      return std::make_unique<Phase<Scalar>>(mode, data, batch_size, steps, resources_, options.feature_cache,
                                             model.name(), FillReport(verbose));
    };
    if (train.empty()) raise<ArgumentError>("fit: the training dataset is empty.");
    const auto training = open(compiled.train, train, options.batch_size.value_or(32), options.steps_per_epoch);
    std::unique_ptr<Phase<Scalar>> validation;
    if (!validation_data.empty())
      validation =
          open(compiled.eval, validation_data, options.validation_batch_size.value_or(training->stream().batch_size()),
               options.validation_steps);
    const FitParameters params{verbose, options.epochs, training->stream().steps()};
    auto callbacks = with_progress(options.callbacks, model, params);
    return run_epochs(compiled, *training, validation.get(), options, callbacks);
  }

  Logs evaluate(TrainableModel& model, const Dataset<Scalar>& data, const EvaluateOptions<Scalar>& options) {
    check_count("evaluate", "batch_size", options.batch_size, 1);
    check_count("evaluate", "steps", options.steps, 1);
    if (data.empty()) raise<ArgumentError>("evaluate: the dataset is empty.");
    Compiled<Scalar>& compiled = this->compiled(model.name(), "evaluate");
    const int verbose = options.verbose.resolve();
    Phase<Scalar> phase(compiled.eval, data, options.batch_size.value_or(32), options.steps, resources_,
                        {.enabled = false}, model.name(), {});
    const FitParameters params{verbose, 1, phase.stream().steps()};
    auto callbacks = with_progress(options.callbacks, model, params);
    return test(compiled, phase, callbacks);
  }

  /// One batch; metrics start at zero. Returns its logs.
  Logs train_on_batch(const Network<Scalar>& network, TrainableModel& model, const Batch<Scalar>& batch,
                      const std::map<Index, double>& class_weight) {
    Compiled<Scalar>& compiled = ready_to_train(network, model, "train_on_batch");
    Tracker<Scalar> tracker(compiled.train.heads);
    BatchRunner<Scalar> runner(compiled.train, std::nullopt, resources_.executors, model.name());
    runner.train(batch, batch_weights(batch, class_weight), compiled, tracker);
    return tracker.logs();
  }
  Logs test_on_batch(TrainableModel& model, const Batch<Scalar>& batch) {
    Compiled<Scalar>& compiled = this->compiled(model.name(), "test_on_batch");
    Tracker<Scalar> tracker(compiled.eval.heads);
    BatchRunner<Scalar> runner(compiled.eval, std::nullopt, resources_.executors, model.name());
    runner.evaluate(batch, batch_weights(batch, {}), regularize<Scalar>(compiled, nullptr), tracker);
    return tracker.logs();
  }

 private:
  static void check_counts(const FitOptions<Scalar>& options) {
    check_count("fit", "batch_size", options.batch_size, 1);
    check_count("fit", "epochs", options.epochs, 0);
    check_count("fit", "initial_epoch", options.initial_epoch, 0);
    check_count("fit", "steps_per_epoch", options.steps_per_epoch, 1);
    check_count("fit", "validation_steps", options.validation_steps, 1);
    check_count("fit", "validation_batch_size", options.validation_batch_size, 1);
    check_count("fit", "validation_freq", options.validation_freq, 1);
  }
  static CallbackList with_progress(std::vector<CallbackRef> callbacks, TrainableModel& model,
                                    const FitParameters& params) {
    if (params.verbose > 0) callbacks.push_back(ProgressBar());
    return CallbackList(callbacks, model, params);
  }
  Compiled<Scalar>& ready_to_train(const Network<Scalar>& network, TrainableModel& model, const char* call) {
    Compiled<Scalar>& compiled = this->compiled(model.name(), call);
    if (!compiled.has_loss())
      raise<StateError>(call, "(): Model '", model.name(), "' has no loss to compute. Give compile() a .loss.");
    if (!compiled.warned) compiled.warned = warn_of_flags(network, model, compiled, call);
    return compiled;
  }
  // Keras's contract: flags count from the next compile() on. Once per compile.
  static bool warn_of_flags(const Network<Scalar>& network, TrainableModel& model, const Compiled<Scalar>& compiled,
                            const char* call) {
    const auto changed = compiled.flags.changed(*network.state);
    if (!changed.empty()) {
      std::cerr << "warning: 'trainable' changed on " << changed.size() << " layers since compile(): ";
      for (std::size_t i = 0; i < changed.size(); ++i) std::cerr << (i > 0 ? ", " : "") << changed[i];
      std::cerr << ". " << call << "() still trains the compiled set (" << compiled.learning.size()
                << " variables); call compile() again to train " << now_trainable(network) << ".\n";
    }
    if (compiled.learning.empty())
      std::cerr << "warning: Model '" << model.name() << "' does not have any trainable weights: " << call
                << "() changes nothing.\n";
    return !changed.empty() || compiled.learning.empty();
  }
  static std::size_t now_trainable(const Network<Scalar>& network) {
    return lower_network(network, {}, true, {}).program->learning.size();
  }

  History run_epochs(Compiled<Scalar>& compiled, Phase<Scalar>& training, Phase<Scalar>* validation,
                     const FitOptions<Scalar>& options, CallbackList& callbacks) {
    History history;
    Logs logs;
    stop_training_ = false;
    resources_.release_unused();
    training.stream().set_pass(options.initial_epoch);
    callbacks(&Callback::on_train_begin, logs);
    for (int epoch = options.initial_epoch; epoch < options.epochs && !stop_training_; ++epoch) {
      Logs none;
      callbacks(&Callback::on_epoch_begin, epoch, none);
      const Logs trained = train_epoch(compiled, training, epoch, options, callbacks);
      if (trained.empty() && !logs.empty())
        std::cerr << "warning: the data ran out: epoch " << epoch + 1
                  << " had no batch and repeats the last numbers.\n";
      else
        logs = trained;
      if (validation != nullptr && (epoch + 1) % options.validation_freq == 0)
        for (const auto& [name, value] : test(compiled, *validation, callbacks)) logs["val_" + name] = value;
      callbacks(&Callback::on_epoch_end, epoch, logs);
      history.append(epoch, logs);
    }
    finish_averages(compiled);
    resources_.release_unused();
    callbacks(&Callback::on_train_end, logs);
    return history;
  }
  Logs train_epoch(Compiled<Scalar>& compiled, Phase<Scalar>& training, int epoch, const FitOptions<Scalar>& options,
                   CallbackList& callbacks) {
    auto& tracker = training.tracker();
    tracker.reset();
    training.stream().start_epoch();
    Batch<Scalar> batch;
    Logs logs;
    for (Index step = 0; !stop_training_ && training.next(batch); ++step) {
      Logs none;
      callbacks(&Callback::on_train_batch_begin, step, none);
      training.runner().train(batch, batch_weights(batch, options.class_weight), compiled, tracker);
      logs = tracker.logs();
      callbacks(&Callback::on_train_batch_end, step, logs);
    }
    training.runner().release_packed();
    if (!stop_training_ && training.stream().ran_out())
      std::cerr << "warning: the data ran out after " << training.stream().step() << " of " << *options.steps_per_epoch
                << " steps of epoch " << epoch + 1 << ".\n";
    return logs;
  }
  Logs test(Compiled<Scalar>& compiled, Phase<Scalar>& phase, CallbackList& callbacks) {
    auto& tracker = phase.tracker();
    tracker.reset();
    phase.stream().restart();
    Logs logs;
    callbacks(&Callback::on_test_begin, logs);
    const double penalty = regularize<Scalar>(compiled, nullptr);
    Batch<Scalar> batch;
    for (Index step = 0; phase.next(batch); ++step) {
      Logs none;
      callbacks(&Callback::on_test_batch_begin, step, none);
      phase.runner().evaluate(batch, batch_weights(batch, {}), penalty, tracker);
      logs = tracker.logs();
      callbacks(&Callback::on_test_batch_end, step, logs);
    }
    phase.runner().release_packed();
    if (phase.stream().ran_out() && phase.stream().step() == 0) std::cerr << "warning: the validation data ran out.\n";
    callbacks(&Callback::on_test_end, logs);
    return logs;
  }
  // With use_ema the weights end as the average, the optimizer's last slot.
  static void finish_averages(Compiled<Scalar>& compiled) {
    if (!compiled.optimizer.use_ema() || compiled.optimizer.iterations() == 0) return;
    for (std::size_t i = 0; i < compiled.learning.size(); ++i)
      compiled.learning[i].variable.assign(compiled.slots[i].back());
  }

  std::shared_ptr<Compiled<Scalar>> compiled_;
  Resources<Scalar> resources_;
  bool stop_training_ = false;
};

}  // namespace graft
