#include <graft/optimizers/optimizer.hpp>

#include "optimizers/steps.hpp"
#include "support/catch.hpp"
#include "support/config.hpp"

using namespace graft;

namespace {

saving::Json written(Optimizer optimizer) { return write_config(std::move(optimizer)); }
Optimizer read(const saving::Json& json) { return read_config<Optimizer>("sgd", json); }

}  // namespace

TEST_CASE("An optimizer is found by its name in any case", "[optimizers][optimizer]") {
  for (const char* name : {"adam", "Adam", "ADAM"}) CHECK(Optimizer(name).rule().class_name() == "Adam");
  for (const char* name : {"sgd", "RMSprop", "rmsprop", "AdamW"}) CHECK_NOTHROW(Optimizer(name));
  for (const char* name : {"", "adagrad"})
    CHECK_THROWS_MATCHES(Optimizer(name), ArgumentError,
                         Message("Optimizer: there is no optimizer \"" + std::string(name) +
                                 "\". The names are sgd, rmsprop, adam, adamw."));
}

TEST_CASE("Copies of an optimizer share the learning rate and the steps, clones do not", "[optimizers][optimizer]") {
  const Optimizer original = optimizers::SGD({.learning_rate = 0.5, .momentum = 0.9, .name = "mine"});
  const Optimizer copy = original;
  copy.set_learning_rate(0.25);
  copy.set_iterations(7);
  CHECK(original.learning_rate() == 0.25);
  CHECK(original.iterations() == 7);
  CHECK(original.step().iteration == 7);
  CHECK(original.step().learning_rate == 0.25);
  copy.exclude_from_weight_decay({"bias"});
  const Optimizer clone = original.clone();
  CHECK(clone.learning_rate() == 0.25);
  CHECK(clone.iterations() == 0);
  CHECK(clone.name() == "mine");
  CHECK(clone.slots() == 1);
  CHECK_FALSE(clone.decays("dense/bias"));
  clone.set_learning_rate(1.0);
  clone.exclude_from_weight_decay({});
  CHECK(original.learning_rate() == 0.25);
  CHECK_FALSE(original.decays("dense/bias"));
}

TEST_CASE("Variables are excluded from weight decay by a part of their name", "[optimizers][optimizer]") {
  const Optimizer adamw = "adamw";
  CHECK(adamw.decays("bias"));
  adamw.exclude_from_weight_decay({"bias", "gamma"});
  CHECK_FALSE(adamw.decays("bias"));
  CHECK_FALSE(adamw.decays("bn/gamma"));
  CHECK(adamw.decays("kernel"));
}

TEST_CASE("An optimizer clips by its own options", "[optimizers][optimizer]") {
  Tensor<float> g({2}, {3, 4});
  const std::vector<View<float>> gradients{g.view()};
  Optimizer("adam").clip<float>(gradients);
  CHECK(g(0) == 3);
  Optimizer(optimizers::Adam({.clipvalue = 2.0})).clip<float>(gradients);
  CHECK(g(0) == 2);
}

TEST_CASE("An optimizer is written as Keras writes it and read back", "[optimizers][optimizer][config]") {
  const saving::Json json = written(optimizers::SGD({.learning_rate = 0.5, .momentum = 0.25, .clipnorm = 2.0}));
  CHECK(json["class_name"] == "SGD");
  CHECK(json["config"] == saving::Json{{"name", "sgd"},
                                       {"learning_rate", 0.5},
                                       {"weight_decay", nullptr},
                                       {"clipnorm", 2.0},
                                       {"global_clipnorm", nullptr},
                                       {"clipvalue", nullptr},
                                       {"use_ema", false},
                                       {"ema_momentum", 0.99},
                                       {"ema_overwrite_frequency", nullptr},
                                       {"momentum", 0.25},
                                       {"nesterov", false}});
  for (const Optimizer& o : {Optimizer(optimizers::SGD({.learning_rate = 0.5, .momentum = 0.25, .clipnorm = 2.0})),
                             Optimizer(optimizers::Adam({.amsgrad = true, .use_ema = true})), Optimizer("adamw"),
                             Optimizer(optimizers::RMSprop({.centered = true, .weight_decay = 0.1}))})
    CHECK(written(read(written(o))) == written(o));
  CHECK(read("adam").rule().class_name() == "Adam");
  CHECK_THROWS_AS(read({{"class_name", "SGD"}, {"config", {{"momentum", 3}}}}), ArgumentError);
  CHECK_THROWS_AS(read({{"class_name", "AdamW"}, {"config", {{"weight_decay", nullptr}}}}), ArgumentError);
  CHECK_THROWS_AS(read({{"class_name", "SGD"}, {"config", {{"clipnorm", 1}, {"clipvalue", 1}}}}), ArgumentError);
}

TEST_CASE("The learning rate that was set is written", "[optimizers][optimizer][config]") {
  const Optimizer sgd = "sgd";
  sgd.set_learning_rate(0.125);
  CHECK(written(sgd)["config"]["learning_rate"] == 0.125);
}
