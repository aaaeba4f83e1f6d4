#include <graft/optimizers/sgd.hpp>

#include "optimizers/steps.hpp"
#include "support/catch.hpp"

using namespace graft;

TEST_CASE("SGD follows the gradient, with momentum what it remembers of it", "[optimizers][sgd]") {
  CHECK(steps(optimizers::SGD({.learning_rate = 0.5}), 1, {1, 2}) == std::vector<double>{0.5, -0.5});
  // m: -0.5, 0.5 * -0.5 - 1 = -1.25
  CHECK(steps(optimizers::SGD({.learning_rate = 0.5, .momentum = 0.5}), 1, {1, 2}) == std::vector<double>{0.5, -0.75});
  // w += 0.5 m - 0.5 g with the new m: -0.25 - 0.5, then -0.625 - 1
  CHECK(steps(optimizers::SGD({.learning_rate = 0.5, .momentum = 0.5, .nesterov = true}), 1, {1, 2}) ==
        std::vector<double>{0.25, -1.375});
}

TEST_CASE("SGD remembers a momentum only if it has one", "[optimizers][sgd]") {
  CHECK(Optimizer("sgd").slots() == 0);
  CHECK(Optimizer(optimizers::SGD({.momentum = 0.9})).slot_names() == std::vector<std::string>{"momentum"});
  CHECK(Optimizer("sgd").learning_rate() == 0.01);
  CHECK_THROWS_MATCHES(optimizers::SGD({.momentum = 1.5}), ArgumentError,
                       Message("SGD: momentum is from 0 to 1, got 1.5."));
}
