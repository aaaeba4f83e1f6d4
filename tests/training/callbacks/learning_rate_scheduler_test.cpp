#include <graft/training/callbacks/learning_rate_scheduler.hpp>
#include <limits>

#include "support/catch.hpp"
#include "training/fake_model.hpp"

using namespace graft;
using callbacks::LearningRateScheduler;

namespace {

std::vector<double> rates(const LearningRateScheduler& scheduler, int epochs) {
  FakeModel model;
  model.optimizer().set_learning_rate(1.0);
  std::vector<double> logged;
  const std::vector<Logs> losses(static_cast<std::size_t>(epochs), {{"loss", 1}});
  for (const Logs& logs : fake_fit(model, {scheduler}, losses)) logged.push_back(logs.at("learning_rate"));
  return logged;
}

}  // namespace

TEST_CASE("LearningRateScheduler sets the rate from the epoch, counted from 0, and the present rate",
          "[training][learning_rate_scheduler]") {
  CHECK(rates(LearningRateScheduler([](int epoch, double rate) { return epoch < 2 ? rate : rate / 2; }), 4) ==
        std::vector{1.0, 1.0, 0.5, 0.25});
  CHECK(rates(LearningRateScheduler([](int epoch) { return epoch == 0 ? 0.5f : 1.5f; }), 2) == std::vector{0.5, 1.5});
}

TEST_CASE("LearningRateScheduler takes no schedule that returns integers", "[training][learning_rate_scheduler]") {
  const auto integers = [](int epoch) { return 1 / (epoch + 1); };
  STATIC_REQUIRE_FALSE(std::is_constructible_v<LearningRateScheduler, decltype(integers)>);
  const auto floats = [](int epoch) { return 1.0 / (epoch + 1); };
  STATIC_REQUIRE(std::is_constructible_v<LearningRateScheduler, decltype(floats)>);
}

TEST_CASE("LearningRateScheduler says what it sets with verbose 1", "[training][learning_rate_scheduler]") {
  const Captured out(std::cout);
  rates(LearningRateScheduler([](int epoch) { return epoch == 0 ? 1.0 : 1e-5; }, {.verbose = 1}), 2);
  CHECK(out.text() ==
        "\nEpoch 1: LearningRateScheduler setting learning rate to 1.0.\n"
        "\nEpoch 2: LearningRateScheduler setting learning rate to 1e-05.\n");
}

TEST_CASE("LearningRateScheduler refuses a rate that is none", "[training][learning_rate_scheduler]") {
  CHECK_THROWS_MATCHES(
      rates(LearningRateScheduler([](int epoch) { return epoch - 0.5; }), 1), ArgumentError,
      Message("LearningRateScheduler: a learning rate is finite and not negative, but the schedule returned "
              "-0.5 for epoch 0."));
  const double infinity = std::numeric_limits<double>::infinity();
  CHECK_THROWS_AS(rates(LearningRateScheduler([=](int) { return infinity; }), 1), ArgumentError);
}
