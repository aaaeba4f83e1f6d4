#include <graft/training/callbacks/lambda_callback.hpp>
#include <graft/training/callbacks/terminate_on_nan.hpp>
#include <limits>

#include "support/catch.hpp"
#include "training/fake_model.hpp"

using namespace graft;
using callbacks::LambdaCallback;
using callbacks::TerminateOnNaN;

namespace {

/// Replaces the loss of batch 2.
LambdaCallback spoil(double loss) {
  return LambdaCallback({.on_train_batch_end = [=](Index batch, Logs& logs) {
    if (batch == 2) logs["loss"] = loss;
  }});
}
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

}  // namespace

TEST_CASE("TerminateOnNaN stops after the batch with a bad loss", "[training][terminate_on_nan]") {
  const double bad = GENERATE(as<double>(), not_a_number, infinity, -infinity);
  FakeModel model;
  Index batches = 0;
  const LambdaCallback count({.on_train_batch_end = [&](Index, Logs&) { ++batches; }});
  const Captured out(std::cout);
  fake_fit(model, {count, spoil(bad), TerminateOnNaN()}, epochs_of("loss", {1, 1}), 5);
  CHECK(out.text() == "Batch 2: Invalid loss, terminating training\n");
  CHECK(batches == 3);
}

TEST_CASE("TerminateOnNaN leaves good losses and other logs alone", "[training][terminate_on_nan]") {
  FakeModel model;
  CHECK(fake_fit(model, {spoil(1e300), TerminateOnNaN()}, {{{"accuracy", not_a_number}, {"loss", 1}}}, 5).size() == 1);
  CHECK_FALSE(model.stop_training());
  fake_fit(model, {TerminateOnNaN()}, epochs_of("accuracy", {not_a_number}));
  CHECK_FALSE(model.stop_training());
}

TEST_CASE("TerminateOnNaN throws if it is told to", "[training][terminate_on_nan]") {
  FakeModel model;
  CHECK_THROWS_MATCHES(
      fake_fit(model, {spoil(-not_a_number), TerminateOnNaN({.raise_error = true})}, epochs_of("loss", {1}), 5), Error,
      Message(
          "TerminateOnNaN: the loss of Model 'fake' is nan after batch 2, counted from 0. Try a smaller learning rate, "
          "or look for bad values in the data."));
}
