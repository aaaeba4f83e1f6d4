#include "losses/evaluate.hpp"
#include "support/catch.hpp"

using namespace graft;

namespace {

double of(const char* name, double t, double p) { return loss_of<double>(name, {t}, {p}); }

}  // namespace

TEST_CASE("Errors are means over the last axis", "[losses][element_loss]") {
  CHECK(loss_of<double>("mse", {1, 2, 3}, {1, 4, 0}) == 13.0 / 3);
  CHECK(loss_of<double>("mae", {1, 2, 3}, {1, 4, 0}) == 5.0 / 3);
  const Tensor<double> t({2, 2, 1}, {1, 2, 3, 4}), p({2, 2, 1}, {2, 2, 2, 2});
  CHECK(losses_of("mse", t, p).shape() == Shape{2, 2});
  CHECK(losses_of("mse", t, p)(1, 1) == 4);
}

TEST_CASE("Percentage and logarithmic errors hold small values at 1e-7", "[losses][element_loss]") {
  CHECK_THAT(of("mape", 4, 5), WithinRel(25.0, 1e-15));
  CHECK_THAT(of("mape", -4, 5), WithinRel(225.0, 1e-15));
  CHECK_THAT(of("mape", 0, 1), WithinRel(1e9, 1e-15));
  CHECK_THAT(of("msle", 3, 7), WithinRel(std::log(2.0) * std::log(2.0), 1e-14));
  CHECK_THAT(of("msle", 3, -7), WithinRel(std::pow(std::log(4.0) - std::log1p(1e-7), 2), 1e-14));
  CHECK(gradient_of(Loss("msle"), Tensor<double>({1, 1}, {3}), Tensor<double>({1, 1}, {-7}))(0, 0) == 0);
}

TEST_CASE("Huber is quadratic up to delta and linear beyond", "[losses][huber]") {
  CHECK(of("huber", 0, 0.5) == 0.125);
  CHECK(of("huber", 0, 1) == 0.5);
  CHECK(of("huber", 0, -3) == 2.5);
  const Loss wide = losses::Huber({.delta = 2});
  CHECK(loss_of<double>(wide, {0}, {2}) == 2);
  CHECK(loss_of<double>(wide, {0}, {3}) == 4);
  CHECK(wide.name() == "huber_loss");
  CHECK_THROWS_MATCHES(losses::Huber({.delta = 0}), ArgumentError, Message("Huber: delta is above 0, got 0."));
}

TEST_CASE("LogCosh does not overflow", "[losses][log_cosh]") {
  CHECK_THAT(of("log_cosh", 1, 1.5), WithinRel(std::log(std::cosh(0.5)), 1e-14));
  CHECK(of("log_cosh", 2, 2) == 0);
  CHECK_THAT(of("log_cosh", 0, 1e6), WithinRel(1e6 - std::log(2.0), 1e-15));
  CHECK(of("log_cosh", 0, -1e6) == of("log_cosh", 0, 1e6));
}

TEST_CASE("KLDivergence is a sum over clipped distributions", "[losses][kl_divergence]") {
  const double expected = 0.25 * std::log(0.25 / 0.5) + 0.75 * std::log(0.75 / 0.5);
  CHECK_THAT(loss_of<double>("kld", {0.25, 0.75}, {0.5, 0.5}), WithinRel(expected, 1e-14));
  // t = 0 counts as 1e-7, p = 2 as 1.
  CHECK_THAT(loss_of<double>("kl_divergence", {0, 1}, {0.5, 2}), WithinRel(1e-7 * std::log(2e-7), 1e-14));
}

TEST_CASE("Poisson is p - t ln(p + 1e-7)", "[losses][poisson]") {
  CHECK_THAT(of("poisson", 3, 2), WithinRel(2 - 3 * std::log(2 + 1e-7), 1e-15));
  CHECK_THAT(of("poisson", 1, 0), WithinRel(16.118095650958319, 1e-15));
}
