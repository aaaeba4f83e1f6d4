#include <signal.h>
#include <graft/layers/dense.hpp>
#include <graft/models/sequential.hpp>
#include <graft/training/callbacks/early_stopping.hpp>
#include <graft/training/callbacks/lambda_callback.hpp>
#include <graft/training/callbacks/learning_rate_scheduler.hpp>
#include <graft/training/callbacks/model_checkpoint.hpp>
#include <graft/training/callbacks/reduce_lr_on_plateau.hpp>
#include <graft/training/callbacks/stop_on_interrupt.hpp>

#include "support/catch.hpp"
#include "support/temporary_folder.hpp"
#include "training/fake_model.hpp"

using namespace graft;

// The callbacks in the fit() of a real model; what each does in detail is tested with a model that is none.
namespace {

/// y = w x + b for y = 2 x, whose loss grows from epoch to epoch with a learning rate of 2.
struct Line {
  Sequential<> model{layers::InputLayer({1}), layers::Dense(1)};
  Tensor<float> x{Shape{4, 1}}, y{Shape{4, 1}};
  std::vector<float> slopes;  ///< at the end of every epoch

  explicit Line(double learning_rate) {
    for (Index i = 0; i < 4; ++i) {
      x(i, 0) = 0.25f * static_cast<float>(i + 1);
      y(i, 0) = 2 * x(i, 0);
    }
    model.compile({.optimizer = optimizers::SGD({.learning_rate = learning_rate}), .loss = "mse"});
  }
  float slope() const { return model.get_weights()[0](0, 0); }
  History fit(std::vector<CallbackRef> callbacks, int epochs = 4) {
    callbacks.push_back(callbacks::LambdaCallback({.on_epoch_end = [this](int, Logs&) { slopes.push_back(slope()); }}));
    return model.fit(x, y, {.batch_size = 1, .epochs = epochs, .verbose = 0, .callbacks = std::move(callbacks)});
  }
};

}  // namespace

TEST_CASE("EarlyStopping restores the best weights of a model", "[training][early_stopping]") {
  Line line(2);
  const callbacks::EarlyStopping stopping({.monitor = "loss", .patience = 2, .restore_best_weights = true});
  const History history = line.fit({stopping}, 10);
  CHECK(history["loss"].size() == 3);
  CHECK(stopping.best_epoch() == 0);
  CHECK(line.slope() == line.slopes[0]);
  CHECK(line.slope() != line.slopes[2]);
}

TEST_CASE("StopOnInterrupt ends the fit of a model and keeps its best weights", "[training][stop_on_interrupt]") {
  Line line(2);
  struct sigaction old {
  }, after{};
  struct sigaction own {};
  own.sa_handler = SIG_DFL;  // a background job's tests start with SIGINT ignored
  ::sigaction(SIGINT, &own, &old);
  const callbacks::LambdaCallback press({.on_train_batch_end = [&, n = 0](Index, Logs&) mutable {
    if (++n == 10) ::raise(SIGINT);
  }});
  const callbacks::StopOnInterrupt stop({.monitor = "loss"});
  const Captured err(std::cerr);
  const History history = line.fit({press, stop});
  ::sigaction(SIGINT, &old, &after);
  CHECK(history.epoch() == std::vector{0, 1, 2});
  CHECK(stop.interrupted());
  CHECK(line.slope() == line.slopes[0]);
  CHECK(line.slope() != line.slopes[2]);
  CHECK(after.sa_handler == SIG_DFL);
}

TEST_CASE("LearningRateScheduler's rate is the one that a model steps with", "[training][learning_rate_scheduler]") {
  Line line(0.1);
  const callbacks::LearningRateScheduler scheduler([](int epoch, double rate) { return epoch == 1 ? 0.0 : rate; });
  const History history = line.fit({scheduler}, 3);
  CHECK(history["learning_rate"] == std::vector{0.1, 0.0, 0.0});
  CHECK(line.slopes[1] == line.slopes[0]);
  CHECK(line.slopes[2] == line.slopes[0]);
}

TEST_CASE("ReduceLROnPlateau reduces the rate of a model", "[training][reduce_lr]") {
  Line line(2);
  const callbacks::ReduceLROnPlateau reduce({.monitor = "loss", .factor = 0.0, .patience = 1});
  const History history = line.fit({reduce}, 4);
  CHECK(history["learning_rate"] == std::vector{2.0, 2.0, 0.0, 0.0});
  CHECK(line.slopes[1] != line.slopes[0]);
  CHECK(line.slopes[3] == line.slopes[1]);
}

TEST_CASE("ModelCheckpoint's files hold the weights of their epochs", "[training][model_checkpoint]") {
  const TemporaryFolder folder;
  const std::filesystem::path path = folder / "{epoch}.safetensors";
  Line line(0.1);
  line.fit({callbacks::ModelCheckpoint(path, {.save_weights_only = true})}, 3);
  line.model.load_weights(folder / "2.safetensors");
  CHECK(line.slope() == line.slopes[1]);
  CHECK(line.slope() != line.slopes[2]);
}

TEST_CASE("A monitored name that a model does not know ends fit before the first epoch", "[training][early_stopping]") {
  Line line(0.1);
  CHECK_THROWS_AS(line.fit({callbacks::EarlyStopping({.monitor = "val_acuracy"})}), ArgumentError);
  CHECK(line.slopes.empty());
  CHECK_NOTHROW(line.fit({callbacks::EarlyStopping({.monitor = "val_loss"})}, 0));
}
