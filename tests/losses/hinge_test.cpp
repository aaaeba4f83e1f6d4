#include "losses/evaluate.hpp"
#include "support/catch.hpp"

using namespace graft;

TEST_CASE("Hinge takes labels of -1 and 1, and of 0 and 1 where the whole batch has them", "[losses][hinge]") {
  // margins 1 - 0.5, 1 + 0.25
  CHECK(loss_of<double>("hinge", {1, -1}, {0.5, 0.25}) == (0.5 + 1.25) / 2);
  CHECK(loss_of<double>("hinge", {1, 0}, {0.5, 0.25}) == (0.5 + 1.25) / 2);
  CHECK(loss_of<double>("squared_hinge", {1, -1}, {0.5, 0.25}) == (0.25 + 1.5625) / 2);
  // One -1 in the batch, and a 0 stays a 0.
  const Tensor<double> t({2, 1}, {0, -1}), p({2, 1}, {0.5, 0.5});
  CHECK(losses_of("hinge", t, p)(0) == 1);
  CHECK(losses_of("hinge", t, p)(1) == 1.5);
  CHECK(gradient_of(Loss("hinge"), t, p)(0, 0) == 0);
}

TEST_CASE("Hinge passes a gradient up to the margin and none beyond", "[losses][hinge]") {
  const Tensor<double> t({3, 1}, {1, 1, -1}), p({3, 1}, {1, 2, 0});
  const auto dp = gradient_of(Loss("hinge"), t, p);
  CHECK(dp(0, 0) == -1);
  CHECK(dp(1, 0) == 0);
  CHECK(dp(2, 0) == 1);
}

TEST_CASE("CategoricalHinge compares the right class with the best wrong one", "[losses][categorical_hinge]") {
  CHECK(loss_of<double>("categorical_hinge", {0, 1, 0}, {0.25, 0.5, 0.75}) == 1.25);
  CHECK(loss_of<double>("categorical_hinge", {0, 1, 0}, {0.25, 5, 0.75}) == 0);
  const auto dp =
      gradient_of(Loss("categorical_hinge"), Tensor<double>({1, 3}, {0, 1, 0}), Tensor<double>({1, 3}, {1, 1, 1}));
  CHECK(dp(0, 0) == 0.5);  // two wrong classes share it
  CHECK(dp(0, 1) == -1);
  CHECK(dp(0, 2) == 0.5);
}
