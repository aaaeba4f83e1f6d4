#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
#include <graft/training/callbacks/lambda_callback.hpp>
#include <graft/training/callbacks/stop_on_interrupt.hpp>

#include <stdexcept>

#include "support/catch.hpp"
#include "training/fake_model.hpp"

using namespace graft;
using callbacks::LambdaCallback;
using callbacks::StopOnInterrupt;

namespace {

/// A program's own handler of SIGINT, which counts, while this lives.
class OwnHandler {
 public:
  explicit OwnHandler(void (*handler)(int) = [](int) { ++caught(); }) {
    caught() = 0;
    struct sigaction action {};
    action.sa_handler = handler;
    ::sigaction(SIGINT, &action, &old_);
  }
  ~OwnHandler() { ::sigaction(SIGINT, &old_, nullptr); }
  OwnHandler(const OwnHandler&) = delete;
  OwnHandler& operator=(const OwnHandler&) = delete;
  static int& caught() {
    static int n = 0;
    return n;
  }
  /// Whether a signal reaches this handler now.
  static bool is_back() {
    const int before = caught();
    ::raise(SIGINT);
    return caught() == before + 1;
  }

 private:
  struct sigaction old_ {};
};

/// Presses Ctrl-C in that batch of that epoch.
LambdaCallback press(int in_epoch, Index in_batch) {
  return LambdaCallback({.on_train_batch_begin = [=, epoch = -1](Index batch, Logs&) mutable {
    if (batch == 0) ++epoch;
    if (epoch == in_epoch && batch == in_batch) ::raise(SIGINT);
  }});
}

}  // namespace

TEST_CASE("StopOnInterrupt ends training after the batch and brings the best weights back",
          "[training][stop_on_interrupt]") {
  const OwnHandler own;
  const StopOnInterrupt stop;
  FakeModel model;
  Index batches = 0;
  const LambdaCallback count({.on_train_batch_end = [&](Index, Logs&) { ++batches; }});
  const Captured err(std::cerr);
  const auto ran = fake_fit(model, {press(2, 1), count, stop}, epochs_of("val_loss", {3, 1, 2, 0.5}), 4);
  CHECK(ran.size() == 3);
  CHECK(batches == 4 + 4 + 2);
  CHECK(stop.interrupted());
  CHECK(model.weights == 1);
  CHECK(err.text() ==
        "\nCtrl-C: training stops after this batch, in epoch 3. Ctrl-C again ends the program at once.\n"
        "Ctrl-C: the weights are those of the best epoch, 2 (val_loss 1).\n");
  CHECK(OwnHandler::caught() == 0);
  CHECK(OwnHandler::is_back());
}

TEST_CASE("StopOnInterrupt counts the epoch that was cut short among the epochs", "[training][stop_on_interrupt]") {
  const OwnHandler own;
  FakeModel model;
  const Captured err(std::cerr);
  fake_fit(model, {press(1, 0), StopOnInterrupt()}, epochs_of("val_loss", {3, 1, 2}));
  CHECK(model.weights == 1);
  fake_fit(model, {press(2, 0), StopOnInterrupt({.monitor = "val_accuracy"})}, epochs_of("val_accuracy", {3, 1, 2}));
  CHECK(model.weights == 0);
  fake_fit(model, {press(2, 0), StopOnInterrupt({.mode = "max"})}, epochs_of("val_loss", {1, 3, 2}));
  CHECK(model.weights == 1);
}

TEST_CASE("StopOnInterrupt changes nothing without Ctrl-C", "[training][stop_on_interrupt]") {
  const OwnHandler own;
  const StopOnInterrupt stop;
  FakeModel model;
  const Captured err(std::cerr);
  CHECK(fake_fit(model, {stop}, epochs_of("val_loss", {1, 2, 3})).size() == 3);
  CHECK_FALSE(stop.interrupted());
  CHECK(model.weights == 2);
  CHECK(err.text().empty());
  CHECK(OwnHandler::is_back());
}

TEST_CASE("StopOnInterrupt keeps the present weights if told to, or if no epoch has its value",
          "[training][stop_on_interrupt]") {
  const OwnHandler own;
  FakeModel model;
  const Captured err(std::cerr);
  const std::string stops =
      "\nCtrl-C: training stops after this batch, in epoch 2. Ctrl-C again ends the program at once.\n";
  fake_fit(model, {press(1, 0), StopOnInterrupt({.restore_best_weights = false})}, epochs_of("val_loss", {1, 2, 3}));
  CHECK(model.weights == 1);
  CHECK(err.text() == stops);
  fake_fit(model, {press(1, 0), StopOnInterrupt()}, epochs_of("loss", {1, 2, 3}));
  CHECK(model.weights == 1);
  CHECK(err.text() == stops + stops + "Ctrl-C: the weights stay as they are: no epoch logged 'val_loss'.\n");
}

TEST_CASE("StopOnInterrupt notices Ctrl-C between batches and at the very end", "[training][stop_on_interrupt]") {
  const OwnHandler own;
  const StopOnInterrupt stop;
  FakeModel model;
  const Captured err(std::cerr);
  const LambdaCallback at_epoch_end({.on_epoch_end = [](int, Logs&) { ::raise(SIGINT); }});
  CHECK(fake_fit(model, {at_epoch_end, stop}, epochs_of("val_loss", {1, 2})).size() == 1);
  CHECK(stop.interrupted());
  const LambdaCallback at_train_end({.on_train_end = [](Logs&) { ::raise(SIGINT); }});
  CHECK(fake_fit(model, {at_train_end, stop}, epochs_of("val_loss", {1, 2})).size() == 2);
  CHECK(stop.interrupted());
  CHECK(model.weights == 0);
  fake_fit(model, {stop}, epochs_of("val_loss", {1, 2}));
  CHECK_FALSE(stop.interrupted());
}

TEST_CASE("StopOnInterrupt puts the old handler back if fit throws", "[training][stop_on_interrupt]") {
  const OwnHandler own;
  const StopOnInterrupt stop;
  FakeModel model;
  const LambdaCallback throws({.on_epoch_end = [](int, Logs&) { throw std::runtime_error("the disk is full"); }});
  CHECK_THROWS_WITH(fake_fit(model, {stop, throws}, epochs_of("val_loss", {1})), "the disk is full");
  CHECK(OwnHandler::is_back());
}

TEST_CASE("StopOnInterrupt leaves it to the default handler to end the program at the second Ctrl-C",
          "[training][stop_on_interrupt]") {
  const pid_t child = ::fork();
  if (child == 0) {
    const OwnHandler own;
    std::cerr.rdbuf(nullptr);
    FakeModel model;
    const LambdaCallback twice({.on_train_batch_end = [](Index, Logs&) {
      ::raise(SIGINT);
      ::raise(SIGINT);
    }});
    fake_fit(model, {StopOnInterrupt(), twice}, epochs_of("val_loss", {1}));
    ::_exit(0);
  }
  REQUIRE(child > 0);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGINT);
}

TEST_CASE("StopOnInterrupt leaves SIGINT ignored where it is", "[training][stop_on_interrupt]") {
  const OwnHandler ignored(SIG_IGN);
  const StopOnInterrupt stop;
  FakeModel model;
  CHECK(fake_fit(model, {press(0, 0), stop}, epochs_of("val_loss", {1, 2})).size() == 2);
  CHECK_FALSE(stop.interrupted());
  ::raise(SIGINT);  // still ignored: the test goes on
}

TEST_CASE("StopOnInterrupt serves trainings that overlap", "[training][stop_on_interrupt]") {
  const OwnHandler own;
  const StopOnInterrupt first, second;
  FakeModel model;
  Logs logs = {{"val_loss", 1}};
  CallbackList a({first}, model, {}), b({second}, model, {});
  const Captured err(std::cerr);
  a(&Callback::on_train_begin, logs);
  b(&Callback::on_train_begin, logs);
  a(&Callback::on_train_end, logs);
  ::raise(SIGINT);
  CHECK(OwnHandler::caught() == 0);
  b(&Callback::on_train_batch_end, Index{0}, logs);
  b(&Callback::on_train_end, logs);
  CHECK_FALSE(first.interrupted());
  CHECK(second.interrupted());
  CHECK(OwnHandler::is_back());
}
