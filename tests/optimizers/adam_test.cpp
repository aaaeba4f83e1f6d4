#include <graft/optimizers/adam.hpp>
#include <graft/optimizers/adamw.hpp>

#include "optimizers/steps.hpp"
#include "support/catch.hpp"

using namespace graft;

TEST_CASE("Adam's first step has the length of the learning rate", "[optimizers][adam]") {
  // m = 0.1 g, v = 0.001 g^2, corrected by sqrt(0.001) / 0.1: lr g / |g|, but for the uncorrected epsilon.
  CHECK_THAT(steps(optimizers::Adam({.learning_rate = 0.5, .epsilon = 0}), 1, {-7})[0], WithinRel(1.5, 1e-14));
  const double root = std::sqrt(0.001) * 7, with_epsilon = 0.5 * std::sqrt(0.001) / 0.1 * 0.7 / (root + 0.1);
  CHECK_THAT(steps(optimizers::Adam({.learning_rate = 0.5, .epsilon = 0.1}), 1, {7})[0],
             WithinRel(1 - with_epsilon, 1e-13));
}

TEST_CASE("Adam's second step, by hand; amsgrad keeps the largest v", "[optimizers][adam]") {
  // beta_1 = beta_2 = 1/2, epsilon 0, lr 1: m = 1, 0.5; v = 2, 1; correction sqrt(1/2) / (1/2), then sqrt(3/4) / (3/4)
  const auto plain =
      steps(optimizers::Adam({.learning_rate = 1.0, .beta_1 = 0.5, .beta_2 = 0.5, .epsilon = 0}), 0, {2, 0});
  CHECK_THAT(plain[0], WithinRel(-1.0, 1e-14));
  CHECK_THAT(plain[1], WithinRel(-1 - std::sqrt(0.75) / 0.75 * 0.5 / 1, 1e-14));
  const auto ams = steps(
      optimizers::Adam({.learning_rate = 1.0, .beta_1 = 0.5, .beta_2 = 0.5, .epsilon = 0, .amsgrad = true}), 0, {2, 0});
  CHECK_THAT(ams[1], WithinRel(-1 - std::sqrt(0.75) / 0.75 * 0.5 / std::sqrt(2.0), 1e-14));
}

TEST_CASE("AdamW decays weights before the step, by 0.004 of the learning rate", "[optimizers][adamw]") {
  CHECK(steps(optimizers::AdamW({.learning_rate = 0.5}), 1, {0})[0] == 1 - 0.004 * 0.5);
  CHECK_THROWS_MATCHES(optimizers::AdamW({.weight_decay = std::nullopt}), ArgumentError,
                       Message("AdamW: weight_decay must be a number; for none use Adam."));
}

TEST_CASE("Adam's slots are Keras's", "[optimizers][adam]") {
  CHECK(Optimizer("adam").slot_names() == std::vector<std::string>{"momentum", "velocity"});
  CHECK(Optimizer(optimizers::AdamW({.amsgrad = true})).slot_names() ==
        std::vector<std::string>{"momentum", "velocity", "velocity_hat"});
  CHECK_THROWS_MATCHES(optimizers::Adam({.beta_2 = 2}), ArgumentError, Message("Adam: beta_2 is from 0 to 1, got 2."));
  CHECK_THROWS_AS(optimizers::AdamW({.beta_1 = -1}), ArgumentError);
}
