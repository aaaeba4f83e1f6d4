#include <graft/optimizers/optimizer.hpp>

#include "optimizers/steps.hpp"
#include "support/catch.hpp"
#include "support/config.hpp"

using namespace graft;
using namespace graft::optimizers::schedules;

namespace {

saving::Json written(Optimizer optimizer) { return write_config(std::move(optimizer)); }
Optimizer read(const saving::Json& json) { return read_config<Optimizer>("sgd", json); }

/// A user's schedule: 1, 1/2, 1/3 ..
struct HarmonicOptions {};
class Harmonic final : public ScheduleOf<Harmonic, HarmonicOptions> {
 public:
  static constexpr std::string_view keras_names[] = {"Harmonic"};
  Harmonic() : ScheduleOf({}) {}
  double rate(double step) const { return 1 / (step + 1); }
  void fields(ConfigVisitor&) {}
  void check() const {}
};

}  // namespace

TEST_CASE("ExponentialDecay and InverseTimeDecay, in stairs too", "[optimizers][schedules]") {
  const DecayOptions options{.initial_learning_rate = 8, .decay_steps = 2, .decay_rate = 0.25};
  CHECK(ExponentialDecay(options).at(0) == 8);
  CHECK(ExponentialDecay(options).at(1) == 4);
  CHECK(ExponentialDecay(options).at(4) == 0.5);
  CHECK(InverseTimeDecay(options).at(8) == 4);
  auto stairs = options;
  stairs.staircase = true;
  CHECK(ExponentialDecay(stairs).at(1) == 8);
  CHECK(ExponentialDecay(stairs).at(3) == 2);
  CHECK(InverseTimeDecay(stairs).at(9) == 4);
}

TEST_CASE("PolynomialDecay ends, or starts over with longer cycles", "[optimizers][schedules]") {
  const PolynomialDecayOptions options{
      .initial_learning_rate = 5, .decay_steps = 4, .end_learning_rate = 1, .power = 2};
  CHECK(PolynomialDecay(options).at(0) == 5);
  CHECK(PolynomialDecay(options).at(2) == 2);
  CHECK(PolynomialDecay(options).at(100) == 1);
  auto cycles = options;
  cycles.cycle = true;
  CHECK(PolynomialDecay(cycles).at(0) == 5);
  CHECK(PolynomialDecay(cycles).at(4) == 1);
  CHECK(PolynomialDecay(cycles).at(6) == 1.25);  // 6 of 8 steps
}

TEST_CASE("CosineDecay goes down half a wave, after a straight warm-up", "[optimizers][schedules]") {
  const CosineDecay plain({.initial_learning_rate = 2, .decay_steps = 10, .alpha = 0.5});
  CHECK(plain.at(0) == 2);
  CHECK_THAT(plain.at(5), WithinRel(1.5, 1e-15));
  CHECK(plain.at(10) == 1);
  CHECK(plain.at(99) == 1);
  const CosineDecay warm({.initial_learning_rate = 1, .decay_steps = 10, .warmup_target = 3.0, .warmup_steps = 4});
  CHECK(warm.at(0) == 1);
  CHECK(warm.at(2) == 2);
  CHECK(warm.at(4) == 3);
  CHECK_THAT(warm.at(9), WithinRel(1.5, 1e-15));
  CHECK(warm.at(14) == 0);
}

TEST_CASE("PiecewiseConstantDecay includes its boundaries", "[optimizers][schedules]") {
  const PiecewiseConstantDecay schedule({.boundaries = {2, 5}, .values = {3, 2, 1}});
  CHECK(schedule.at(0) == 3);
  CHECK(schedule.at(2) == 3);
  CHECK(schedule.at(3) == 2);
  CHECK(schedule.at(5) == 2);
  CHECK(schedule.at(6) == 1);
}

TEST_CASE("An optimizer follows a schedule, from step 0", "[optimizers][schedules]") {
  const Optimizer sgd = optimizers::SGD({.learning_rate = Harmonic()});
  CHECK(steps(sgd, 0, {-1, -1, -4}) == std::vector<double>{1, 1.5, 1.5 + 4.0 / 3});
  CHECK(sgd.learning_rate() == 0.25);
  CHECK(sgd.clone().learning_rate() == 1);
  CHECK_THROWS_MATCHES(
      sgd.set_learning_rate(0.5), StateError,
      Message("Optimizer 'sgd': the learning rate follows a schedule and cannot be set. Compile with a "
              "number to change it later."));
}

TEST_CASE("A schedule is written with its optimizer and read back", "[optimizers][schedules][config]") {
  const Optimizer all[] = {
      optimizers::SGD(
          {.learning_rate = ExponentialDecay({.initial_learning_rate = 2, .decay_steps = 3, .decay_rate = 0.5})}),
      optimizers::Adam({.learning_rate = InverseTimeDecay({.decay_steps = 3, .staircase = true})}),
      optimizers::Adam({.learning_rate = PolynomialDecay({.decay_steps = 3, .power = 2})}),
      optimizers::Adam({.learning_rate = CosineDecay({.decay_steps = 3, .warmup_target = 1.0, .warmup_steps = 2})}),
      optimizers::Adam({.learning_rate = PiecewiseConstantDecay({.boundaries = {1}, .values = {2, 3}})})};
  for (const Optimizer& optimizer : all) {
    const saving::Json json = written(optimizer);
    INFO(json.dump());
    CHECK(json["config"]["learning_rate"].contains("class_name"));
    CHECK(written(read(json)) == json);
  }
  saving::Json wrong = written(all[0]);
  wrong["config"]["learning_rate"]["config"]["decay_steps"] = 0;
  CHECK_THROWS_AS(read(wrong), ArgumentError);
  wrong["config"]["learning_rate"] = "fast";
  CHECK_THROWS_MATCHES(read(wrong), ArgumentError,
                       Message("LearningRate: there is no schedule \"fast\". The names are ExponentialDecay, "
                               "InverseTimeDecay, PolynomialDecay, CosineDecay, PiecewiseConstantDecay."));
}

TEST_CASE("Schedules refuse wrong options", "[optimizers][schedules]") {
  CHECK_THROWS_MATCHES(ExponentialDecay({}), ArgumentError,
                       Message("ExponentialDecay: decay_steps is at least 1, got 0."));
  CHECK_THROWS_AS(InverseTimeDecay({}), ArgumentError);
  CHECK_THROWS_AS(PolynomialDecay({}), ArgumentError);
  CHECK_THROWS_AS(CosineDecay({}), ArgumentError);
  CHECK_THROWS_MATCHES(CosineDecay({.decay_steps = 1, .warmup_steps = -1}), ArgumentError,
                       Message("CosineDecay: warmup_steps is at least 0, got -1."));
  CHECK_THROWS_MATCHES(PiecewiseConstantDecay({.boundaries = {1, 2}, .values = {1, 2}}), ArgumentError,
                       Message("PiecewiseConstantDecay: there is one value more than boundaries, got 2 values and 2 "
                               "boundaries."));
  CHECK_THROWS_MATCHES(PiecewiseConstantDecay({.boundaries = {2, 1}, .values = {1, 2, 3}}), ArgumentError,
                       Message("PiecewiseConstantDecay: the boundaries must grow."));
}
