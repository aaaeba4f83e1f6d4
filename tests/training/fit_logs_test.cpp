#include <fstream>
#include <graft/layers/dense.hpp>
#include <graft/models/sequential.hpp>
#include <graft/training/progress.hpp>
#include <sstream>

#include "support/catch.hpp"
#include "support/golden.hpp"

using namespace graft;

namespace {

/// A ProgressBar with a verbosity, stream and clock of its own inside a silent fit, evaluate or predict.
class Shown final : public Callback {
 public:
  Shown(int verbose, double clock_step, std::ostream& out)
      : verbose_(verbose), bar_(out, [now = 1000.0, clock_step]() mutable { return now += clock_step; }) {}
  std::shared_ptr<Callback> share() const override { return std::make_shared<Shown>(*this); }

  void on_train_begin(Logs& logs) override { begin(&Callback::on_train_begin, logs); }
  void on_train_end(Logs& logs) override { bar_.on_train_end(logs); }
  void on_epoch_begin(int epoch, Logs& logs) override { bar_.on_epoch_begin(epoch, logs); }
  void on_epoch_end(int epoch, Logs& logs) override { bar_.on_epoch_end(epoch, logs); }
  void on_train_batch_end(Index batch, Logs& logs) override { bar_.on_train_batch_end(batch, logs); }
  void on_test_begin(Logs& logs) override { begin(&Callback::on_test_begin, logs); }
  void on_test_batch_end(Index batch, Logs& logs) override { bar_.on_test_batch_end(batch, logs); }
  void on_test_end(Logs& logs) override { bar_.on_test_end(logs); }
  void on_predict_begin(Logs& logs) override { begin(&Callback::on_predict_begin, logs); }
  void on_predict_batch_end(Index batch, Logs& logs) override { bar_.on_predict_batch_end(batch, logs); }
  void on_predict_end(Logs& logs) override { bar_.on_predict_end(logs); }

 private:
  void begin(void (Callback::*hook)(Logs&), Logs& logs) {
    bar_.set_params({verbose_, params().epochs, params().steps});
    (bar_.*hook)(logs);
  }
  int verbose_;
  ProgressBar bar_;
};

/// The training mlp_softmax_sgd at its initial weights, compiled.
Sequential<> mlp(const GoldenFile& golden) {
  const Sequential<> model(
      {layers::InputLayer({5}), layers::Dense(7, {.activation = "relu"}), layers::Dense(4, {.activation = "softmax"})});
  std::vector<Tensor<float>> weights;
  for (int i = 0; i < 4; ++i) weights.push_back(golden.tensor<float>("mlp_softmax_sgd/initial" + std::to_string(i)));
  model.set_weights(weights);
  model.compile({.optimizer = optimizers::SGD({.learning_rate = 0.1}),
                 .loss = "categorical_crossentropy",
                 .metrics = {"accuracy"}});
  return model;
}

std::string printed(const GoldenFile& golden, const nlohmann::json& run) {
  std::ostringstream out;
  const Shown shown(run.at("verbose"), run.at("clock_step"), out);
  const auto tensor = [&](const char* name) { return golden.tensor<float>(std::string("mlp_softmax_sgd/") + name); };
  const Sequential<> model = mlp(golden);
  if (run.at("kind") == "fit")
    model.fit(tensor("x0"), tensor("y0"),
              {.batch_size = 4,
               .epochs = run.at("epochs").get<int>(),
               .verbose = 0,
               .callbacks = {shown},
               .validation_data = {tensor("val_x0"), tensor("val_y0")},
               .shuffle = false});
  else if (run.at("kind") == "evaluate")
    model.evaluate(tensor("x0"), tensor("y0"), {.batch_size = 4, .verbose = 0, .callbacks = {shown}});
  else
    model.predict(tensor("x0"), {.batch_size = 4, .verbose = 0, .callbacks = {shown}});
  return out.str();
}

}  // namespace

TEST_CASE("fit, evaluate and predict print the bytes that Keras prints", "[training][progress][golden]") {
  const GoldenFile trainings("trainings");
  std::ifstream file(GRAFT_TEST_DATA "/golden/fit_logs.json");
  REQUIRE(file);
  const auto golden_file = nlohmann::json::parse(file);
  int compared = 0;
  for (const auto& run : golden_file.at("cases")) {
    if (run.value("training", "") != "mlp_softmax_sgd") continue;
    INFO(run.at("name"));
    CHECK(printed(trainings, run) == run.at("output").get<std::string>());
    ++compared;
  }
  CHECK(compared == 9);
}
