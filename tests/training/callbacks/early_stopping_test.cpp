#include <graft/training/callbacks/early_stopping.hpp>
#include <limits>

#include "support/catch.hpp"
#include "training/fake_model.hpp"

using namespace graft;
using callbacks::EarlyStopping;
using callbacks::EarlyStoppingOptions;

namespace {

std::size_t epochs_run(const EarlyStopping& stopping, const std::vector<double>& val_loss) {
  FakeModel model;
  return fake_fit(model, {stopping}, epochs_of("val_loss", val_loss)).size();
}

}  // namespace

TEST_CASE("EarlyStopping stops after `patience` epochs without improvement", "[training][early_stopping]") {
  CHECK(epochs_run(EarlyStopping({.patience = 2}), {3, 2, 2, 2, 1}) == 4);
  CHECK(epochs_run(EarlyStopping({.patience = 2}), {3, 2, 2, 1, 1, 1, 1}) == 6);
  CHECK(epochs_run(EarlyStopping({.patience = 5}), {3, 2, 2, 2, 1}) == 5);
}

TEST_CASE("EarlyStopping takes patience 0 for 1", "[training][early_stopping]") {
  const std::vector<double> losses =
      GENERATE(std::vector<double>{1, 1, 1}, std::vector<double>{3, 2, 2.5, 1}, std::vector<double>{3, 2, 1, 0.5});
  CHECK(epochs_run(EarlyStopping(), losses) == epochs_run(EarlyStopping({.patience = 1}), losses));
  CHECK(epochs_run(EarlyStopping(), {1, 1, 1}) == 2);
}

TEST_CASE("EarlyStopping asks for more than min_delta, whatever its sign", "[training][early_stopping]") {
  const double delta = GENERATE(0.5, -0.5);
  CHECK(epochs_run(EarlyStopping({.min_delta = delta}), {3, 2.5, 2}) == 2);
  CHECK(epochs_run(EarlyStopping({.min_delta = delta}), {3, 2.25, 1.5}) == 3);
  FakeModel model;
  const EarlyStopping up({.monitor = "accuracy", .min_delta = delta});
  CHECK(fake_fit(model, {up}, epochs_of("accuracy", {1, 1.75, 2.25, 4})).size() == 3);
}

TEST_CASE("EarlyStopping follows the direction that the model knows, or mode", "[training][early_stopping]") {
  FakeModel model;
  const auto run = [&](EarlyStoppingOptions options, const char* name) {
    options.monitor = name;
    return fake_fit(model, {EarlyStopping(options)}, epochs_of(name, {1, 2, 3})).size();
  };
  CHECK(run({}, "val_accuracy") == 3);
  CHECK(run({.mode = "min"}, "val_accuracy") == 2);
  CHECK(run({}, "loss") == 2);
  CHECK(run({.mode = "max"}, "val_loss") == 3);
  CHECK(run({.mode = "max"}, "mine") == 3);
  CHECK_THROWS_MATCHES(
      run({}, "mine"), ArgumentError,
      Message("EarlyStopping: monitor = \"mine\" is no loss or metric that Model 'fake' was compiled with, so "
              "it is unknown if larger values are better. Give mode = \"max\" or mode = \"min\", or correct "
              "the name."));
  CHECK_THROWS_MATCHES(EarlyStopping({.mode = "maximum"}), ArgumentError,
                       Message("EarlyStopping: mode is \"auto\", \"min\" or \"max\", got \"maximum\"."));
}

TEST_CASE("EarlyStopping never stops on an improving epoch, even below the baseline", "[training][early_stopping]") {
  CHECK(epochs_run(EarlyStopping({.patience = 2, .baseline = 1.0}), {5, 4, 3, 2.5}) == 4);
  // The patience is used up by epochs that improve without beating the baseline, so the first that doesn't improve
  // stops.
  CHECK(epochs_run(EarlyStopping({.patience = 2, .baseline = 1.0}), {5, 4, 3, 3, 0.5}) == 4);
  // Beating it restarts the patience.
  CHECK(epochs_run(EarlyStopping({.patience = 2, .baseline = 3.5}), {5, 4, 3, 3, 3, 0.5}) == 5);
}

TEST_CASE("EarlyStopping does not look before start_from_epoch", "[training][early_stopping]") {
  const EarlyStopping stopping({.patience = 1, .restore_best_weights = true, .start_from_epoch = 3});
  FakeModel model;
  CHECK(fake_fit(model, {stopping}, epochs_of("val_loss", {1, 2, 3, 4, 3.5, 5, 6})).size() == 6);
  CHECK(stopping.best_epoch() == 4);
  CHECK(stopping.best() == 3.5);
  CHECK(stopping.stopped_epoch() == 5);
  CHECK(model.weights == 4);
}

TEST_CASE("EarlyStopping restores the best weights, also after a training that ran to its end",
          "[training][early_stopping]") {
  FakeModel model;
  const auto losses = epochs_of("val_loss", {3, 1, 2});
  fake_fit(model, {EarlyStopping({.patience = 10, .restore_best_weights = true})}, losses);
  CHECK(model.weights == 1);
  fake_fit(model, {EarlyStopping({.patience = 10})}, losses);
  CHECK(model.weights == 2);
}

TEST_CASE("EarlyStopping keeps a first NaN as the best", "[training][early_stopping]") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK(epochs_run(EarlyStopping({.patience = 2}), {nan, 2, 1, 0.5}) == 3);
  CHECK(epochs_run(EarlyStopping({.patience = 2}), {2, nan, 1, 0.5}) == 4);
}

TEST_CASE("EarlyStopping starts anew with every fit", "[training][early_stopping]") {
  const EarlyStopping stopping({.patience = 1});
  CHECK(epochs_run(stopping, {1, 2, 3}) == 2);
  CHECK(stopping.stopped_epoch() == 1);
  CHECK(epochs_run(stopping, {9, 8}) == 2);
  CHECK(stopping.stopped_epoch() == 0);
  CHECK(stopping.best() == 8);
}

TEST_CASE("EarlyStopping says what it does with verbose 1", "[training][early_stopping]") {
  FakeModel model;
  const auto losses = epochs_of("val_loss", {2, 1, 3});
  const Captured out(std::cout);
  fake_fit(model, {EarlyStopping({.verbose = 1, .restore_best_weights = true})}, losses);
  const std::string said = "Epoch 3: early stopping\nRestoring model weights from the end of the best epoch: 2.\n";
  CHECK(out.text() == said);
  fake_fit(model, {EarlyStopping({.restore_best_weights = true})}, losses);
  CHECK(out.text() == said);
}

TEST_CASE("EarlyStopping warns once and does nothing where its value is not logged", "[training][early_stopping]") {
  FakeModel model;
  const Captured err(std::cerr);
  const EarlyStopping stopping({.restore_best_weights = true});
  CHECK(fake_fit(model, {stopping}, {{{"accuracy", 1}, {"loss", 2}}, {{"accuracy", 1}, {"loss", 2}}}).size() == 2);
  CHECK(err.text() ==
        "warning: EarlyStopping: 'val_loss' is not logged, so training is not stopped early. What is logged: "
        "accuracy, loss. Names with val_ need validation data.\n");
  CHECK(model.weights == 1);
  CHECK_FALSE(stopping.best());
}
