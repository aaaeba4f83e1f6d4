#include <graft/losses/categorical_crossentropy.hpp>

#include "losses/evaluate.hpp"
#include "support/catch.hpp"

using namespace graft;

TEST_CASE("CategoricalCrossentropy of a one-hot row is -ln p", "[losses][categorical_crossentropy]") {
  const Loss loss = losses::CategoricalCrossentropy();
  CHECK_THAT(loss_of<double>(loss, {0, 1, 0}, {0.2, 0.5, 0.3}), WithinRel(std::log(2.0), 1e-15));
  // Probabilities are divided by their sum first.
  CHECK_THAT(loss_of<double>(loss, {0, 1, 0}, {0.4, 1, 0.6}), WithinRel(std::log(2.0), 1e-15));
}

TEST_CASE("CategoricalCrossentropy smooths labels over all classes", "[losses][categorical_crossentropy]") {
  const double expected = -(0.1 * std::log(0.2) + 0.8 * std::log(0.5) + 0.1 * std::log(0.3));
  CHECK_THAT(loss_of<double>(losses::CategoricalCrossentropy({.label_smoothing = 0.3}), {0, 1, 0}, {0.2, 0.5, 0.3}),
             WithinRel(expected, 1e-15));
}

TEST_CASE("CategoricalCrossentropy clips probabilities at 1e-7", "[losses][categorical_crossentropy]") {
  const Loss loss = losses::CategoricalCrossentropy();
  // -ln 1e-7 = 16.118095650958319
  CHECK_THAT(loss_of<double>(loss, {0, 1}, {1, 0}), WithinRel(16.118095650958319, 1e-15));
  CHECK_THAT(loss_of<float>(loss, {0, 1}, {1, 0}), WithinRel(16.118095f, 1e-6f));
  // Where p is clipped the gradient stops; what is left is the one of dividing by the sum.
  const auto dp = gradient_of(loss, Tensor<double>({1, 2}, {0, 1}), Tensor<double>({1, 2}, {1, 0}));
  CHECK(dp(0, 0) == 0);
  CHECK(dp(0, 1) == 0);
}

TEST_CASE("CategoricalCrossentropy from logits clips nothing", "[losses][categorical_crossentropy]") {
  const Loss loss = losses::CategoricalCrossentropy({.from_logits = true});
  CHECK(loss_of<float>(loss, {0, 1}, {200, 0}) == 200);
  CHECK(loss_of<float>(loss, {1, 0}, {200, 0}) == 0);
  CHECK(loss_of<double>(loss, {0, 1}, {1e300, 0}) == 1e300);
  const auto dx = gradient_of(loss, Tensor<float>({1, 2}, {0, 1}), Tensor<float>({1, 2}, {200, 0}));
  CHECK(dx(0, 0) == 1);
  CHECK(dx(0, 1) == -1);
}

TEST_CASE("CategoricalCrossentropy reads logits where the last step is a softmax",
          "[losses][categorical_crossentropy]") {
  const Loss loss = losses::CategoricalCrossentropy({.label_smoothing = 0.1, .reduction = "sum", .name = "n"});
  const Tensor<double> t({1, 3}, {0, 0, 1}), x({1, 3}, {0.5, -1, 2});
  Tensor<double> p = x;
  p.array() = x.array().exp() / x.array().exp().sum();
  const auto on_logits = loss.on_logits("softmax");
  REQUIRE(on_logits);
  CHECK_THAT(losses_of(*on_logits, t, x)(0), WithinRel(losses_of(loss, t, p)(0), 1e-14));
  CHECK((*on_logits)->reduction() == losses::Reduction::sum);
  CHECK(on_logits->name() == "n");
  CHECK_FALSE(loss.on_logits("sigmoid"));
  CHECK_FALSE(loss.on_logits("relu"));
}

TEST_CASE("CategoricalCrossentropy refuses what it cannot compute", "[losses][categorical_crossentropy]") {
  CHECK_THROWS_MATCHES(losses::CategoricalCrossentropy({.label_smoothing = 1.5}), ArgumentError,
                       Message("CategoricalCrossentropy: label_smoothing is from 0 to 1, got 1.5."));
  CHECK_THROWS_MATCHES(losses::CategoricalCrossentropy({.axis = 1}), ArgumentError,
                       Message("CategoricalCrossentropy: axis must be -1, the last one, got 1. Put a Permute layer "
                               "before it."));
  CHECK_THROWS_MATCHES(losses::CategoricalCrossentropy().loss_shape({None}, {None, 10}), ShapeError,
                       Message("CategoricalCrossentropy: y_true must have the shape of y_pred, got y_true (None,) and "
                               "y_pred (None, 10). For integer labels use \"sparse_categorical_crossentropy\", or make "
                               "them one-hot with utils::to_categorical()."));
}
