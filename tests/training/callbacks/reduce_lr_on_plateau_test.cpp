#include <graft/training/callbacks/reduce_lr_on_plateau.hpp>

#include "support/catch.hpp"
#include "training/fake_model.hpp"

using namespace graft;
using callbacks::ReduceLROnPlateau;

namespace {

/// The learning rate that every epoch was trained with, from 1 on.
std::vector<double> rates(const ReduceLROnPlateau& callback, const std::vector<double>& losses) {
  FakeModel model;
  model.optimizer().set_learning_rate(1.0);
  std::vector<double> logged;
  for (const Logs& logs : fake_fit(model, {callback}, epochs_of("val_loss", losses)))
    logged.push_back(logs.at("learning_rate"));
  return logged;
}

}  // namespace

TEST_CASE("ReduceLROnPlateau reduces after `patience` epochs without improvement", "[training][reduce_lr]") {
  // The first epoch sets the best, so a constant loss reduces after epochs 3, 5, ..; what is logged is the rate before.
  CHECK(rates(ReduceLROnPlateau({.factor = 0.5, .patience = 2}), {1, 1, 1, 1, 1, 1, 1}) ==
        std::vector{1.0, 1.0, 1.0, 0.5, 0.5, 0.25, 0.25});
  CHECK(rates(ReduceLROnPlateau({.factor = 0.5, .patience = 2}), {3, 3, 2, 2, 1, 1, 1, 1}) ==
        std::vector{1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.5});
}

TEST_CASE("ReduceLROnPlateau counts nothing while it cools down", "[training][reduce_lr]") {
  // Reduces after epochs 3 and 6.
  CHECK(rates(ReduceLROnPlateau({.factor = 0.5, .patience = 2, .cooldown = 2}), {1, 1, 1, 1, 1, 1, 1}) ==
        std::vector{1.0, 1.0, 1.0, 0.5, 0.5, 0.5, 0.25});
}

TEST_CASE("ReduceLROnPlateau does not go below min_lr", "[training][reduce_lr]") {
  CHECK(rates(ReduceLROnPlateau({.factor = 0.5, .patience = 1, .min_lr = 0.3}), {1, 1, 1, 1, 1}) ==
        std::vector{1.0, 1.0, 0.5, 0.3, 0.3});
}

TEST_CASE("ReduceLROnPlateau asks for more than min_delta and follows the direction", "[training][reduce_lr]") {
  CHECK(rates(ReduceLROnPlateau({.factor = 0.5, .patience = 1, .min_delta = 0.5}), {3, 2.5, 1}).back() == 0.5);
  CHECK(rates(ReduceLROnPlateau({.factor = 0.5, .patience = 1, .min_delta = 0.5}), {3, 2.25, 1}).back() == 1.0);
  CHECK(rates(ReduceLROnPlateau({.factor = 0.5, .patience = 1, .mode = "max"}), {1, 2, 3}).back() == 1.0);
  FakeModel model;
  CHECK_THROWS_AS(fake_fit(model, {ReduceLROnPlateau({.monitor = "mine"})}, epochs_of("mine", {1})), ArgumentError);
}

TEST_CASE("ReduceLROnPlateau starts anew with every fit", "[training][reduce_lr]") {
  const ReduceLROnPlateau callback({.factor = 0.5, .patience = 2});
  CHECK(rates(callback, {1, 1}) == std::vector{1.0, 1.0});
  CHECK(rates(callback, {2, 2, 2}) == std::vector{1.0, 1.0, 1.0});
}

TEST_CASE("ReduceLROnPlateau says what it does with verbose 1", "[training][reduce_lr]") {
  FakeModel model;
  model.optimizer().set_learning_rate(0.001);
  const Captured out(std::cout);
  fake_fit(model, {ReduceLROnPlateau({.patience = 1, .verbose = 1})}, epochs_of("val_loss", {1, 1, 1}));
  CHECK(out.text() ==
        "\nEpoch 2: ReduceLROnPlateau reducing learning rate to 0.0001.\n"
        "\nEpoch 3: ReduceLROnPlateau reducing learning rate to 1e-05.\n");
}

TEST_CASE("ReduceLROnPlateau warns where its value is not logged", "[training][reduce_lr]") {
  FakeModel model;
  const Captured err(std::cerr);
  const auto logs = fake_fit(model, {ReduceLROnPlateau({.patience = 1})}, epochs_of("loss", {1, 1, 1}));
  CHECK(err.text() ==
        "warning: ReduceLROnPlateau: 'val_loss' is not logged, so the learning rate is not reduced. What is "
        "logged: learning_rate, loss. Names with val_ need validation data.\n");
  CHECK(logs.back().at("learning_rate") == 0.1);
}

TEST_CASE("ReduceLROnPlateau refuses a factor that does not reduce", "[training][reduce_lr]") {
  CHECK_THROWS_MATCHES(ReduceLROnPlateau({.factor = 1}), ArgumentError,
                       Message("ReduceLROnPlateau: factor is at least 0 and below 1, got 1."));
  CHECK_THROWS_AS(ReduceLROnPlateau({.factor = -0.5}), ArgumentError);
  CHECK_THROWS_AS(ReduceLROnPlateau({.mode = "up"}), ArgumentError);
}
