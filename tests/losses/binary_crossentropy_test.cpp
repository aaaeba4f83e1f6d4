#include <graft/losses/binary_crossentropy.hpp>

#include "losses/evaluate.hpp"
#include "support/catch.hpp"

using namespace graft;

TEST_CASE("BinaryCrossentropy is the mean over the last axis", "[losses][binary_crossentropy]") {
  const double expected = -(std::log(0.8) + std::log(1 - 0.3)) / 2;
  CHECK_THAT(loss_of<double>(losses::BinaryCrossentropy(), {1, 0}, {0.8, 0.3}), WithinRel(expected, 1e-15));
  const double smooth = -(0.9 * std::log(0.8) + 0.1 * std::log(0.2));
  CHECK_THAT(loss_of<double>(losses::BinaryCrossentropy({.label_smoothing = 0.2}), {1}, {0.8}),
             WithinRel(smooth, 1e-15));
}

TEST_CASE("BinaryCrossentropy clips in the scalar's own precision", "[losses][binary_crossentropy]") {
  const Loss loss = losses::BinaryCrossentropy();
  CHECK_THAT(loss_of<double>(loss, {1}, {0}), WithinRel(16.118095650958319, 1e-15));
  CHECK_THAT(loss_of<double>(loss, {0}, {1}), WithinRel(16.118095650958319, 1e-9));
  // In float 1 - (1 - 1e-7) is 2^-23 = 1.19e-7, and -ln of that 15.9424.
  CHECK_THAT(loss_of<float>(loss, {0}, {1}), WithinRel(23 * std::log(2.0f), 1e-6f));
  CHECK(gradient_of(loss, Tensor<float>({1, 2}, {0, 1}), Tensor<float>({1, 2}, {1, 0})).array().isZero(0));
}

TEST_CASE("BinaryCrossentropy from logits clips nothing", "[losses][binary_crossentropy]") {
  const Loss loss = losses::BinaryCrossentropy({.from_logits = true});
  CHECK(loss_of<float>(loss, {0}, {200}) == 200);
  CHECK(loss_of<float>(loss, {1}, {-200}) == 200);
  CHECK(loss_of<float>(loss, {1}, {200}) == 0);
  CHECK_THAT(loss_of<double>(loss, {1}, {0}), WithinRel(std::log(2.0), 1e-15));
  const auto dx = gradient_of(loss, Tensor<float>({3, 1}, {0, 1, 1}), Tensor<float>({3, 1}, {200, -200, 0}));
  CHECK(dx(0, 0) == 1);
  CHECK(dx(1, 0) == -1);
  CHECK(dx(2, 0) == -0.5f);
}

TEST_CASE("BinaryCrossentropy reads logits where the last step is a sigmoid", "[losses][binary_crossentropy]") {
  const Loss loss = losses::BinaryCrossentropy({.label_smoothing = 0.1});
  const Tensor<double> t({2, 1}, {0, 1}), x({2, 1}, {0.5, 3});
  Tensor<double> p = x;
  p.array() = 1 / (1 + (-x.array()).exp());
  const auto on_logits = loss.on_logits("sigmoid");
  REQUIRE(on_logits);
  for (Index i = 0; i < 2; ++i) CHECK_THAT(losses_of(*on_logits, t, x)(i), WithinRel(losses_of(loss, t, p)(i), 1e-13));
  CHECK_FALSE(loss.on_logits("softmax"));
}

TEST_CASE("BinaryCrossentropy refuses wrong options", "[losses][binary_crossentropy]") {
  CHECK_THROWS_MATCHES(losses::BinaryCrossentropy({.label_smoothing = -0.1}), ArgumentError,
                       Message("BinaryCrossentropy: label_smoothing is from 0 to 1, got -0.1."));
  CHECK_THROWS_AS(losses::BinaryCrossentropy({.axis = 2}), ArgumentError);
}
