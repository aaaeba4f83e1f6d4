#include <graft/models/load_model.hpp>
#include <graft/training/callbacks/lambda_callback.hpp>

#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/keras_model.hpp"
#include "support/numeric.hpp"

// Whole fits of sixteen small networks, phase after phase, against Keras. What trainings.safetensors holds is described
// in golden/README.md.

using namespace graft;
using saving::Json;

namespace {

/// A Loss, Metric or Optimizer from a name or {"class_name", "config"}.
template <class T>
T read_object(const Json& json, T value) {
  const Json wrapped{{"it", json}};
  saving::JsonConfigReader reader(wrapped, "golden");
  value.visit(reader, "it");
  return value;
}

Loss read_loss(const Json& json) {
  return json.is_string() ? Loss(json.get<std::string>()) : read_object(json, Loss());
}

PerOutput<Loss> read_losses(const Json& json) {
  if (!json.is_object() || json.contains("class_name")) return read_loss(json);
  std::map<std::string, Loss> losses;
  for (const auto& [output, loss] : json.items()) losses.emplace(output, read_loss(loss));
  return losses;
}

std::vector<Metric> read_metric_list(const Json& json) {
  std::vector<Metric> list;
  for (const auto& name : json) list.emplace_back(name.get<std::string>());
  return list;
}

Metrics read_metrics(const Json& json) {
  if (!json.is_object()) return read_metric_list(json);
  std::map<std::string, std::vector<Metric>> lists;
  for (const auto& [output, list] : json.items()) lists.emplace(output, read_metric_list(list));
  return lists;
}

CompileOptions read_compile(const Json& phase) {
  CompileOptions options{.optimizer = read_object(phase["optimizer"], Optimizer("sgd")),
                         .loss = read_losses(phase["loss"]),
                         .metrics = read_metrics(phase["metrics"]),
                         .weighted_metrics = read_metrics(phase["weighted_metrics"])};
  if (phase["loss_weights"].is_object())
    options.loss_weights = phase["loss_weights"].get<std::map<std::string, double>>();
  return options;
}

/// Two habits of Keras on TensorFlow that are not the formulas, put into a run of graft so that the rest can be
/// compared to the last digits.
class KerasHabits final : public Callback {
 public:
  KerasHabits(Index samples, Index validation_samples, Index batch_size, std::vector<std::string> outputs)
      : samples_(samples),
        validation_samples_(validation_samples),
        batch_size_(batch_size),
        outputs_(std::move(outputs)) {}
  std::shared_ptr<Callback> share() const override { return std::make_shared<KerasHabits>(*this); }

  void on_train_begin(Logs&) override { rate_ = model().optimizer().learning_rate(); }
  void on_epoch_begin(int, Logs&) override { *train_ = {}; }
  void on_test_begin(Logs&) override { *test_ = {}; }
  // Adam's beta_1^t and beta_2^t start from betas that were cast to float32, in double too: 1 - beta_2 is 1.3e-5 off.
  void on_train_batch_begin(Index, Logs&) override {
    if (model().optimizer().name() != "adam") return;
    const auto t = static_cast<double>(model().optimizer().iterations() + 1);
    const auto correction = [t](double b1, double b2) {
      return std::sqrt(1 - std::pow(b2, t)) / (1 - std::pow(b1, t));
    };
    model().optimizer().set_learning_rate(rate_ * correction(0.9f, 0.999f) / correction(0.9, 0.999));
  }
  void on_train_batch_end(Index batch, Logs& logs) override { add(*train_, logs, size(samples_, batch)); }
  void on_test_batch_end(Index batch, Logs& logs) override { add(*test_, logs, size(validation_samples_, batch)); }
  // The loss of one output of several is averaged over batches, whatever their sizes, which the traced function doesn't
  // know. The whole loss is weighted by size.
  void on_epoch_end(int, Logs& logs) override {
    for (const auto& [name, value] : train_->sum) logs[name] = value / static_cast<double>(train_->batches);
    for (const auto& [name, value] : test_->sum) logs["val_" + name] = value / static_cast<double>(test_->batches);
  }

 private:
  struct Means {
    Index batches = 0;
    double seen = 0;
    Logs before, sum;
  };
  Index size(Index samples, Index batch) const { return std::min(batch_size_, samples - batch * batch_size_); }
  // Takes the batch's own loss out of the running means.
  void add(Means& means, const Logs& logs, Index n) {
    const double seen = means.seen + static_cast<double>(n);
    ++means.batches;
    for (const auto& output : outputs_)
      if (const auto found = logs.find(output + "_loss"); found != logs.end()) {
        const auto& [name, mean] = *found;
        means.sum[name] += (mean * seen - means.before[name] * means.seen) / static_cast<double>(n);
        means.before[name] = mean;
      }
    means.seen = seen;
  }

  Index samples_, validation_samples_, batch_size_;
  std::vector<std::string> outputs_;
  double rate_ = 0;
  std::shared_ptr<Means> train_ = std::make_shared<Means>(), test_ = std::make_shared<Means>();
};

/// One network of the file, run phase by phase in one precision.
template <class S>
class Training {
 public:
  Training(const GoldenFile& golden, const Json& one)
      : golden_(golden), one_(one), model_(keras_model<S>(one["config"])) {
    model_->set_weights(tensors(one["initial"]));
  }
  const Model<S>& model() const { return *model_; }

  History run(const Json& phase) {
    set_trainable(*model_, phase["trainable"]);
    model_->compile(read_compile(phase));
    const Json& fit = phase["fit"];
    FitOptions<S> options{.batch_size = fit["batch_size"].get<Index>(),
                          .epochs = fit["epochs"].get<int>(),
                          .verbose = 0,
                          .validation_split = fit["validation_split"].get<double>(),
                          .shuffle = false};
    if (one_["validation"].is_object())
      options.validation_data =
          Dataset<S>::from_tensors(tensors(one_["validation"]["x"]), tensors(one_["validation"]["y"]));
    if (fit["class_weight"].is_object())
      for (const auto& [number, weight] : fit["class_weight"].items())
        options.class_weight[std::stol(number)] = weight.template get<double>();
    if (fit["sample_weight"].is_string()) options.sample_weight = golden_.tensor<S>(fit["sample_weight"]);
    const auto x = tensors(one_["x"]);
    const Index validation = options.validation_data.dataset.size();
    options.callbacks = {KerasHabits(x.front().shape()[0], validation, *options.batch_size, model_->output_names())};
    return model_->fit(x, tensors(one_["y"]), options);
  }
  /// Goes on from what Keras reached in this phase.
  void adopt(const Json& phase) { model_->set_weights(tensors(phase["weights"])); }

 private:
  std::vector<Tensor<S>> tensors(const Json& names) const { return golden_.template tensors<S>(names); }

  const GoldenFile& golden_;
  const Json& one_;
  std::shared_ptr<Model<S>> model_;
};

Json golden_cases(const GoldenFile& golden) {
  auto cases = Json::parse(golden.file.metadata().at("cases"));
  REQUIRE(cases.size() == 16);
  return cases;
}

/// Checks |computed - exact| <= bound(|exact|, |keras32 - exact|) for every series of the history and every weight.
template <class S, class Bound>
void check_phase(const GoldenFile& golden, const Json& phase, const History& history, const Model<S>& model,
                 Bound bound) {
  CHECK(history.history().size() == phase["history"].size());
  for (const auto& [name, values] : phase["history"].items()) {
    CAPTURE(name);
    const auto exact = values.template get<std::vector<double>>();
    const double rounding = distance(phase["history32"][name].template get<std::vector<double>>(), exact);
    CHECK(distance(history[name], exact) <= bound(norm(exact), rounding));
  }
  const auto weights = model.get_weights();
  REQUIRE(weights.size() == phase["weights"].size());
  for (std::size_t i = 0; i < weights.size(); ++i) {
    CAPTURE(model.weights()[i].name(), i);
    const auto exact = numbers(golden.tensor<double>(phase["weights"][i]));
    const double rounding = distance(numbers(golden.tensor<float>(phase["weights32"][i])), exact);
    CHECK(distance(numbers(weights[i]), exact) <= bound(norm(exact), rounding));
  }
}

/// Runs every phase of every network.
template <class S, class Bound>
void check_trainings(Bound bound) {
  const GoldenFile golden("trainings");
  const Json cases = golden_cases(golden);
  for (const Json& one : cases) {
    CAPTURE(one["name"].get<std::string>());
    Training<S> training(golden, one);
    for (const Json& phase : one["phases"]) {
      CAPTURE(phase["trainable"].dump());
      const auto before = training.model().get_weights();
      const History history = training.run(phase);
      // A layer that is on below a parent that is off: Keras 3 asks the variables alone and trains it, graft asks the
      // way to them too.
      if (phase["trainable"].contains("trunk/inner") && phase["trainable"]["trunk"] == false) {
        for (std::size_t i = 0; i < 4; ++i) CHECK(numbers(training.model().get_weights()[i]) == numbers(before[i]));
        training.adopt(phase);
      } else {
        check_phase(golden, phase, history, training.model(), bound);
      }
    }
  }
}

}  // namespace

TEST_CASE("sixteen networks train as in Keras, in double", "[training][golden]") {
  // Both sum some hundred terms in double, 1e-16 each, and a hundred steps amplify that; Keras may round a constant to
  // float32, 6e-8. A wrong formula is seen from 1e-6 on.
  check_trainings<double>([](double size, double) { return 1e-7 * std::max(size, 1e-3); });
}

TEST_CASE("sixteen networks train as in Keras, in float", "[training][golden]") { check_trainings<float>(float_bound); }
