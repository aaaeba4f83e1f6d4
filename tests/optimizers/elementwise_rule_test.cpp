#include <graft/optimizers/elementwise_rule.hpp>

#include "optimizers/steps.hpp"
#include "support/catch.hpp"
#include "support/numeric.hpp"

using namespace graft;

TEST_CASE("Weight decay comes first and leaves excluded variables alone", "[optimizers]") {
  const Optimizer sgd = optimizers::SGD({.learning_rate = 0.5, .weight_decay = 0.5});
  CHECK(steps(sgd, 8, {2})[0] == 5);  // 8 - 8 * 0.25 - 0.5 * 2
  Tensor<float> w({1}, {8});
  const Tensor<float> g({1}, {2});
  sgd.update<float>(w.view(), g.view(), {}, {.iteration = 0, .learning_rate = 0.5, .decay = false});
  CHECK(w(0) == 7);
}

TEST_CASE("The average starts at the first value and follows; overwriting puts it into the weight", "[optimizers]") {
  const optimizers::SGDOptions options{.learning_rate = 1.0, .use_ema = true, .ema_momentum = 0.75};
  // w 7, 3, 3; average 7, 6, 5.25
  Tensor<double> w({1}, {8}), average(Shape{1});
  const std::vector<View<double>> slots{average.view()};
  const Optimizer sgd = optimizers::SGD(options);
  CHECK(sgd.slot_names() == std::vector<std::string>{"average"});
  long iteration = 0;
  for (const double expected : {7.0, 6.0, 5.25}) {
    const Tensor<double> g({1}, {iteration == 0 ? 1.0 : iteration == 1 ? 4.0 : 0.0});
    sgd.update<double>(w.view(), g.view(), slots, {.iteration = iteration++, .learning_rate = 1});
    CHECK(average(0) == expected);
  }
  CHECK(w(0) == 3);

  auto overwriting = options;
  overwriting.ema_overwrite_frequency = 2;
  CHECK(steps(optimizers::SGD(overwriting), 8, {1, 4, 0}) == std::vector<double>{7, 6, 6});
}

TEST_CASE("float and double steps agree, and the bits do not depend on the threads", "[optimizers][bits]") {
  const std::vector<Optimizer> all{optimizers::SGD({.momentum = 0.9, .nesterov = true, .weight_decay = 0.1}),
                                   optimizers::RMSprop({.momentum = 0.5, .centered = true, .use_ema = true}),
                                   optimizers::Adam({.amsgrad = true}), optimizers::AdamW()};
  for (const Optimizer& optimizer : all) {
    INFO(optimizer.name());
    const auto run = [&]<class S>(S) {
      auto w = random_tensor<S>({20001}, 1);  // three blocks, the last one odd
      std::vector<Tensor<S>> slots(to_size(optimizer.slots()), Tensor<S>(w.shape()));
      std::vector<View<S>> views;
      for (auto& slot : slots) views.push_back(slot.view());
      for (const long step : {0, 1, 2}) {
        const auto g = random_tensor<S>({20001}, 7 + static_cast<std::uint64_t>(step));
        optimizer.update<S>(w.view(), g.view(), views, {.iteration = step, .learning_rate = 0.01});
      }
      return w;
    };
    CHECK(same_bits_on_any_threads([&] { return run(0.0f); }));
    // Steps of at most 0.03, each with some ten roundings of 6e-8 of numbers below 1.
    CHECK((run(0.0f).cast<double>().array() - run(0.0).array()).abs().maxCoeff() < 1e-6);
  }
}

TEST_CASE("update() refuses slots and gradients that do not belong to the variable", "[optimizers]") {
  const Optimizer adam = "adam";
  Tensor<float> w(Shape{3}), g(Shape{3}), m(Shape{3}), v(Shape{2});
  const std::vector<View<float>> one{m.view()}, wrong{m.view(), v.view()};
  CHECK_THROWS_MATCHES(adam.update<float>(w.view(), g.view(), one, adam.step()), ArgumentError,
                       Message("Adam: update() needs 2 slots, got 1."));
  CHECK_THROWS_MATCHES(adam.update<float>(w.view(), g.view(), wrong, adam.step()), ArgumentError,
                       Message("Adam: gradient and slots must have the size of (3,)."));
  CHECK_THROWS_AS(Optimizer("sgd").update<float>(w.view(), v.view(), {}, adam.step()), ArgumentError);
}

TEST_CASE("Options that all optimizers share are checked", "[optimizers]") {
  CHECK_THROWS_MATCHES(optimizers::SGD({.ema_momentum = 2}), ArgumentError,
                       Message("SGD: ema_momentum is from 0 to 1, got 2."));
  CHECK_THROWS_MATCHES(optimizers::Adam({.ema_overwrite_frequency = 0}), ArgumentError,
                       Message("Adam: ema_overwrite_frequency is at least 1, got 0."));
  CHECK_THROWS_MATCHES(optimizers::RMSprop({.clipnorm = 1.0, .global_clipnorm = 1.0}), ArgumentError,
                       Message("RMSprop: only one of clipnorm, clipvalue and global_clipnorm can be set."));
}
