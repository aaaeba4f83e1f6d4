#include <graft/optimizers/rmsprop.hpp>

#include "optimizers/steps.hpp"
#include "support/catch.hpp"

using namespace graft;

TEST_CASE("RMSprop divides by a running root mean square, epsilon inside the root", "[optimizers][rmsprop]") {
  const auto w = steps(optimizers::RMSprop({.learning_rate = 0.5, .rho = 0.75, .epsilon = 3}), 1, {2, 0});
  CHECK(w[0] == 0.5);  // v = 1, step 0.5 * 2 / sqrt(1 + 3)
  CHECK(w[1] == 0.5);
}

TEST_CASE("RMSprop with momentum and centered", "[optimizers][rmsprop]") {
  const auto moving =
      steps(optimizers::RMSprop({.learning_rate = 0.5, .rho = 0.75, .momentum = 0.5, .epsilon = 3}), 1, {2, 0});
  CHECK(moving == std::vector<double>{0.5, 0.25});
  // a = 0.25 * 2 = 0.5, d = 1 - 0.25
  const auto centered =
      steps(optimizers::RMSprop({.learning_rate = 0.5, .rho = 0.75, .epsilon = 0.25, .centered = true}), 1, {2});
  CHECK(centered[0] == 0);
  CHECK(Optimizer(optimizers::RMSprop({.momentum = 0.5, .centered = true})).slot_names() ==
        std::vector<std::string>{"velocity", "momentum", "average_gradient"});
  CHECK(Optimizer("rmsprop").slot_names() == std::vector<std::string>{"velocity"});
}

TEST_CASE("RMSprop refuses a rho that is no fraction", "[optimizers][rmsprop]") {
  CHECK_THROWS_MATCHES(optimizers::RMSprop({.rho = -1}), ArgumentError,
                       Message("RMSprop: rho is from 0 to 1, got -1."));
  CHECK_THROWS_AS(optimizers::RMSprop({.momentum = 2}), ArgumentError);
}
