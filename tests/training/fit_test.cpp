#include <graft/layers/batch_normalization.hpp>
#include <graft/layers/dense.hpp>
#include <graft/models/sequential.hpp>
#include <graft/training/callbacks/lambda_callback.hpp>

#include "support/catch.hpp"
#include "support/numeric.hpp"
#include "training/fake_model.hpp"

// What compile(), fit(), evaluate() and the calls on one batch mean. Whole runs against Keras:
// golden_trainings_test.cpp.

using namespace graft;
using Catch::Matchers::Equals;

namespace {

using D = Tensor<double>;

/// Two dense layers on 3 numbers, the same weights every time.
Sequential<double> small_net(Regularizer regularizer = {}) {
  utils::set_random_seed(7);
  return Sequential<double>(
      {Input<double>({3}),
       layers::Dense<double>(4, {.activation = "tanh", .kernel_regularizer = regularizer, .name = "hidden"}),
       layers::Dense<double>(2, {.name = "out"})},
      {.name = "net"});
}

struct Data {
  D x, y;
  explicit Data(Index n, Index outputs = 2)
      : x(random_tensor<double>({n, 3}, 1)), y(random_tensor<double>({n, outputs}, 2)) {}
};

/// Nothing moves: every number in the logs can be computed from the first weights.
CompileOptions standstill(PerOutput<Loss> loss = "mse") {
  return {.optimizer = optimizers::SGD({.learning_rate = 0.0}), .loss = std::move(loss)};
}

/// Mean squared error of rows begin .. end - 1.
double mse(const D& y, const D& p, Index begin, Index end) {
  double sum = 0;
  for (Index i = begin; i < end; ++i)
    for (Index j = 0; j < y.shape()[1]; ++j) sum += std::pow(y(i, j) - p(i, j), 2);
  return sum / static_cast<double>((end - begin) * y.shape()[1]);
}

/// Sums in another order in double: some ulp.
auto near(double value) { return Approx(value).epsilon(1e-12); }

std::vector<std::string> keys(const History& history) {
  std::vector<std::string> names;
  for (const auto& [name, values] : history.history()) names.push_back(name);
  return names;
}
std::vector<std::string> keys(const Logs& logs) {
  std::vector<std::string> names;
  for (const auto& [name, value] : logs) names.push_back(name);
  return names;
}
using Names = std::vector<std::string>;

/// Writes every call down: "train_batch_end 1 loss".
class Recorder final : public Callback {
 public:
  explicit Recorder(Names& calls) : calls_(&calls) {}
  std::shared_ptr<Callback> share() const override { return std::make_shared<Recorder>(*this); }
  void on_train_begin(Logs& logs) override { add("train_begin", logs); }
  void on_train_end(Logs& logs) override { add("train_end", logs); }
  void on_epoch_begin(int e, Logs& logs) override { add("epoch_begin " + std::to_string(e), logs); }
  void on_epoch_end(int e, Logs& logs) override { add("epoch_end " + std::to_string(e), logs); }
  void on_train_batch_begin(Index b, Logs& logs) override { add("train_batch_begin " + std::to_string(b), logs); }
  void on_train_batch_end(Index b, Logs& logs) override { add("train_batch_end " + std::to_string(b), logs); }
  void on_test_begin(Logs& logs) override { add("test_begin", logs); }
  void on_test_end(Logs& logs) override { add("test_end", logs); }
  void on_test_batch_begin(Index b, Logs& logs) override { add("test_batch_begin " + std::to_string(b), logs); }
  void on_test_batch_end(Index b, Logs& logs) override { add("test_batch_end " + std::to_string(b), logs); }
  void on_predict_begin(Logs& logs) override { add("predict_begin", logs); }
  void on_predict_end(Logs& logs) override { add("predict_end", logs); }
  void on_predict_batch_begin(Index b, Logs& logs) override { add("predict_batch_begin " + std::to_string(b), logs); }
  void on_predict_batch_end(Index b, Logs& logs) override { add("predict_batch_end " + std::to_string(b), logs); }

 private:
  void add(std::string call, const Logs& logs) {
    for (const auto& [name, value] : logs) call += " " + name;
    calls_->push_back(std::move(call));
  }
  Names* calls_;
};

bool moved(const std::vector<D>& before, const std::vector<D>& after) {
  for (std::size_t i = 0; i < before.size(); ++i)
    if (!same_bits(before[i], after[i])) return true;
  return false;
}

}  // namespace

// ---- trainable

TEST_CASE("a frozen layer keeps every bit, the others learn", "[training][trainable]") {
  const Data data(8);
  auto model = small_net();
  model.layer("hidden").trainable = false;
  model.compile({.optimizer = "adam", .loss = "mse"});
  const auto frozen = model.layer("hidden").get_weights(), learning = model.layer("out").get_weights();
  model.fit(data.x, data.y, {.epochs = 2, .verbose = 0});
  CHECK_FALSE(moved(frozen, model.layer("hidden").get_weights()));
  CHECK(moved(learning, model.layer("out").get_weights()));
}

TEST_CASE("a variable learns where its own flag and one way to it are on", "[training][trainable]") {
  // One layer in two nested models of one network.
  utils::set_random_seed(3);
  const layers::Dense<double> shared(3, {.name = "shared"});
  const Sequential<double> left({Input<double>({3}), shared}, {.name = "left"});
  const Sequential<double> right({Input<double>({3}), shared}, {.name = "right"});
  const auto x = Input<double>({3});
  Model model(x, layers::Dense<double>(2, {.name = "out"})(right(left(x))));
  const auto train = [&] {
    const auto before = shared.get_weights();
    model.compile({.optimizer = optimizers::SGD({.learning_rate = 0.1}), .loss = "mse"});
    const Data data(4);
    model.fit(data.x, data.y, {.verbose = 0});
    return moved(before, shared.get_weights());
  };
  CHECK(train());
  left.state()->trainable = false;  // the flag alone: assigning the property would freeze what is below
  CHECK(train());
  CHECK(model.plan().notes.empty());
  right.state()->trainable = false;
  CHECK_FALSE(train());
  CHECK_THAT(model.plan().notes, Equals(Names{"shared: trainable, but its parent 'left' is frozen",
                                              "shared: trainable, but its parent 'right' is frozen"}));
  right.trainable = true;
  left.trainable = true;
  shared.state()->set_trainable(false);
  CHECK_FALSE(train());
}

TEST_CASE("a layer that is on below a frozen model does not learn, and the plan says so", "[training][trainable]") {
  utils::set_random_seed(3);
  const Sequential<double> base({Input<double>({3}), layers::Dense<double>(3, {.name = "below"})}, {.name = "base"});
  Sequential<double> model({Input<double>({3}), base, layers::Dense<double>(2)});
  base.trainable = false;
  base.layer("below").trainable = true;
  model.compile({.loss = "mse"});
  CHECK(model.plan().learning == 2);
  CHECK_THAT(model.plan().notes, Equals(Names{"below: trainable, but its parent 'base' is frozen"}));
}

TEST_CASE("flags count from the next compile() on, and one warning per compile says so", "[training][trainable]") {
  const Data data(4);
  auto model = small_net();
  model.compile({.optimizer = optimizers::SGD({.learning_rate = 0.1}), .loss = "mse"});
  model.layer("hidden").trainable = false;
  const auto before = model.layer("hidden").get_weights();
  const std::string expected =
      "warning: 'trainable' changed on 1 layers since compile(): hidden. fit() still trains the compiled set (4 "
      "variables); "
      "call compile() again to train 2.\n";
  {
    const Captured err(std::cerr);
    model.fit(data.x, data.y, {.verbose = 0});
    model.fit(data.x, data.y, {.verbose = 0});
    CHECK(err.text() == expected);
  }
  CHECK(moved(before, model.layer("hidden").get_weights()));
  model.compile({.optimizer = optimizers::SGD({.learning_rate = 0.1}), .loss = "mse"});
  const auto now = model.layer("hidden").get_weights();
  {
    const Captured err(std::cerr);
    model.fit(data.x, data.y, {.verbose = 0});
    CHECK(err.text().empty());
    model.layer("hidden").trainable = true;
    model.train_on_batch(data.x, data.y);
    CHECK_THAT(err.text(),
               ContainsSubstring(
                   "train_on_batch() still trains the compiled set (2 variables); call compile() again to train 4."));
  }
  CHECK_FALSE(moved(now, model.layer("hidden").get_weights()));
}

TEST_CASE("a flag that is set and put back gives no warning", "[training][trainable]") {
  const Data data(4);
  auto model = small_net();
  model.compile({.loss = "mse"});
  model.trainable = false;
  model.trainable = true;
  const Captured err(std::cerr);
  model.fit(data.x, data.y, {.verbose = 0});
  CHECK(err.text().empty());
}

TEST_CASE("a model that is all frozen runs forward, logs its loss and says so", "[training][trainable]") {
  const Data data(6);
  auto model = small_net();
  model.trainable = false;
  model.compile({.loss = "mse"});
  const D p = model.predict(data.x);
  const Captured err(std::cerr);
  const auto history = model.fit(data.x, data.y, {.epochs = 2, .verbose = 0});
  CHECK(err.text() == "warning: Model 'net' does not have any trainable weights: fit() changes nothing.\n");
  CHECK(history["loss"][1] == near(mse(data.y, p, 0, 6)));
}

TEST_CASE("compile() starts a fresh optimizer and leaves the caller's alone", "[training][compile]") {
  const Data data(4);
  auto model = small_net();
  const Optimizer mine = optimizers::SGD({.learning_rate = 0.1, .momentum = 0.9});
  model.compile({.optimizer = mine, .loss = "mse"});
  model.fit(data.x, data.y, {.epochs = 3, .verbose = 0});
  CHECK(model.optimizer().iterations() == 3);
  CHECK(mine.iterations() == 0);
  model.compile({.optimizer = mine, .loss = "mse"});
  CHECK(model.optimizer().iterations() == 0);
}

// ---- what is logged

TEST_CASE("the loss of an epoch is the mean over samples, with a smaller last batch", "[training][logs]") {
  const Data data(5);
  auto model = small_net();
  model.compile(standstill());
  const D p = model.predict(data.x);
  std::vector<double> running;
  const auto history =
      model.fit(data.x, data.y,
                {.batch_size = 2,
                 .verbose = 0,
                 .callbacks = {callbacks::LambdaCallback(
                     {.on_train_batch_end = [&](Index, Logs& logs) { running.push_back(logs["loss"]); }})},
                 .shuffle = false});
  REQUIRE(running.size() == 3);  // means so far, not the batch's own
  CHECK(running[0] == near(mse(data.y, p, 0, 2)));
  CHECK(running[1] == near(mse(data.y, p, 0, 4)));
  CHECK(running[2] == near(mse(data.y, p, 0, 5)));
  CHECK(history["loss"] == std::vector<double>{running[2]});
}

TEST_CASE("evaluate() gives the bits of fit()'s validation, in any batch size of its own", "[training][logs]") {
  const Data train(8), val(7);
  auto model = small_net();
  model.compile({.optimizer = "adam", .loss = "mse", .metrics = {"mae"}});
  const auto history =
      model.fit(train.x, train.y, {.batch_size = 4, .epochs = 2, .verbose = 0, .validation_data = {val.x, val.y}});
  const Logs logs = model.evaluate(val.x, val.y, {.batch_size = 4, .verbose = 0});
  CHECK(logs.at("loss") == history["val_loss"][1]);
  CHECK(logs.at("mae") == history["val_mae"][1]);
  const Logs other = model.evaluate(val.x, val.y, {.batch_size = 3, .verbose = 0});
  CHECK(other.at("loss") == near(logs.at("loss")));
}

TEST_CASE("L2 of a learning weight is in loss and val_loss, of a frozen one it is not", "[training][logs]") {
  const Data data(4);
  auto model = small_net(regularizers::L2({.l2 = 0.5}));
  const D p = model.predict(data.x);
  double squares = 0;
  const D kernel = model.layer("hidden").get_weights()[0];
  for (const double w : kernel) squares += w * w;
  model.compile(standstill());
  auto history = model.fit(data.x, data.y, {.verbose = 0, .validation_data = {data.x, data.y}});
  CHECK(history["loss"][0] == near(mse(data.y, p, 0, 4) + 0.5 * squares));
  CHECK(history["val_loss"][0] == near(mse(data.y, p, 0, 4) + 0.5 * squares));
  model.layer("hidden").trainable = false;
  model.compile(standstill());
  history = model.fit(data.x, data.y, {.verbose = 0, .validation_data = {data.x, data.y}});
  CHECK(history["loss"][0] == near(mse(data.y, p, 0, 4)));
  CHECK(history["val_loss"][0] == near(mse(data.y, p, 0, 4)));
}

TEST_CASE("an activity penalty is a mean over the batch and stays when its layer is frozen", "[training][logs]") {
  const Data data(4);
  utils::set_random_seed(7);
  const layers::Dense<double> penalized(2, {.activity_regularizer = regularizers::L1({.l1 = 0.5}), .trainable = false});
  Sequential<double> model({Input<double>({3}), penalized});
  const D p = model.predict(data.x);
  double sum = 0;
  for (const double v : p) sum += std::abs(v);
  model.compile(standstill());
  const Captured quiet(std::cerr);
  CHECK(model.fit(data.x, data.y, {.verbose = 0})["loss"][0] == near(mse(data.y, p, 0, 4) + 0.5 * sum / 4));
}

TEST_CASE("sample weights multiply a loss, whose sum is divided by the number of samples", "[training][weights]") {
  const Data data(4);
  auto model = small_net();
  CompileOptions options = standstill();
  options.metrics = {"mse"};
  options.weighted_metrics = {"mse"};
  model.compile(options);
  const D p = model.predict(data.x), w({4}, {0, 1, 2, 5});
  double weighted = 0;
  for (Index i = 0; i < 4; ++i) weighted += w(i) * mse(data.y, p, i, i + 1);
  const auto history = model.fit(data.x, data.y, {.verbose = 0, .sample_weight = w});
  CHECK(history["loss"][0] == near(weighted / 4));
  CHECK(history["mse"][0] == near(mse(data.y, p, 0, 4)));
  CHECK(history["weighted_mse"][0] == near(weighted / 8));  // a metric's mean divides by the weights
  const Logs logs = model.evaluate(data.x, data.y, {.verbose = 0, .sample_weight = w});
  CHECK(logs.at("loss") == near(weighted / 4));
  CHECK(model.train_on_batch(data.x, data.y, w).at("loss") == near(weighted / 4));
  CHECK(model.test_on_batch(data.x, data.y, w).at("loss") == near(weighted / 4));
}

TEST_CASE("class weights count a class that is not named once, and leave validation alone", "[training][weights]") {
  const Data data(4, 1);
  const D sparse({4}, {0, 1, 2, 1});
  const D one_hot({4, 3}, {1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 0});
  utils::set_random_seed(7);
  Sequential<double> model({Input<double>({3}), layers::Dense<double>(3, {.activation = "softmax"})});
  const D p = model.predict(data.x);
  const double w[] = {0.5, 1, 3, 1};
  double weighted = 0, plain = 0;
  for (Index i = 0; i < 4; ++i) {
    const double loss = -std::log(p(i, static_cast<Index>(sparse(i))));
    weighted += w[i] * loss / 4;
    plain += loss / 4;
  }
  const std::map<Index, double> weights{{0, 0.5}, {2, 3.0}};
  model.compile(standstill("sparse_categorical_crossentropy"));
  const auto history =
      model.fit(data.x, sparse, {.verbose = 0, .validation_data = {data.x, sparse}, .class_weight = weights});
  CHECK(history["loss"][0] == near(weighted));
  CHECK(history["val_loss"][0] == near(plain));
  CHECK(model.train_on_batch(data.x, sparse, {}, weights).at("loss") == near(weighted));
  model.compile(standstill("categorical_crossentropy"));
  CHECK(model.fit(data.x, one_hot, {.verbose = 0, .class_weight = weights})["loss"][0] == near(weighted));
  CHECK_THROWS_WITH(model.fit(data.x, one_hot, {.verbose = 0, .class_weight = weights, .sample_weight = D({4})}),
                    ContainsSubstring("class_weight and sample_weight cannot be used together"));
}

TEST_CASE("metrics of one name are numbered, a weighted one of a taken name is called so", "[training][logs]") {
  const Data data(4);
  auto model = small_net();
  CompileOptions options = standstill();
  options.metrics = {"mse", "mae", "mse"};
  options.weighted_metrics = {"mse", "mean_absolute_error"};
  model.compile(options);
  const auto history = model.fit(data.x, data.y, {.verbose = 0, .validation_data = {data.x, data.y}});
  CHECK_THAT(keys(history),
             Equals(Names{"loss", "mae", "mean_absolute_error", "mse", "mse_1", "val_loss", "val_mae",
                          "val_mean_absolute_error", "val_mse", "val_mse_1", "val_weighted_mse", "weighted_mse"}));
}

TEST_CASE("several outputs have losses and metrics of their own names", "[training][logs]") {
  const Data data(4);
  utils::set_random_seed(7);
  const auto x = Input<double>({3});
  Model model(x, {layers::Dense<double>(2, {.name = "a"})(x), layers::Dense<double>(2, {.name = "b"})(x)});
  const std::vector<D> y{data.y, data.y};
  CompileOptions options = standstill({"mse", "mae"});
  options.loss_weights = {0.5, 2.0};
  options.metrics = {{"a", {"mae"}}, {"b", {"mse", "mae"}}};
  model.compile(options);
  const auto history = model.fit(std::vector{data.x}, y, {.batch_size = 3, .verbose = 0});
  CHECK_THAT(keys(history), Equals(Names{"a_loss", "a_mae", "b_loss", "b_mae", "b_mse", "loss"}));
  CHECK(history["loss"][0] == near(0.5 * history["a_loss"][0] + 2 * history["b_loss"][0]));
  CHECK(history["a_mae"][0] > 0);
  CHECK(history["b_loss"][0] == near(history["b_mae"][0]));
  options.loss = {{"b", "mse"}};  // an output without a loss does not count
  options.loss_weights = {};
  options.metrics = {};
  model.compile(options);
  CHECK_THAT(keys(model.fit(std::vector{data.x}, y, {.verbose = 0})), Equals(Names{"loss"}));
}

TEST_CASE("on_batch calls start their numbers at zero and change what they should", "[training][batch]") {
  const Data a(4), b(3);
  auto model = small_net();
  model.compile({.optimizer = optimizers::SGD({.learning_rate = 0.1}), .loss = "mse", .metrics = {"mae"}});
  const D p = model.predict(a.x);
  const auto before = model.get_weights();
  CHECK(model.test_on_batch(a.x, a.y).at("loss") == near(mse(a.y, p, 0, 4)));
  CHECK_FALSE(moved(before, model.get_weights()));
  CHECK(same_bits(model.predict_on_batch(a.x), p));
  CHECK(model.train_on_batch(a.x, a.y).at("loss") == near(mse(a.y, p, 0, 4)));  // before the update
  CHECK(moved(before, model.get_weights()));
  const D q = model.predict(b.x);
  CHECK_THAT(keys(model.train_on_batch(b.x, b.y)), Equals(Names{"loss", "mae"}));
  CHECK(model.optimizer().iterations() == 2);
  CHECK(model.test_on_batch(b.x, b.y).at("loss") != near(mse(b.y, q, 0, 3)));
}

TEST_CASE("train_on_batch is one batch of fit", "[training][batch]") {
  const Data data(4);
  auto a = small_net();
  auto b = small_net();
  for (auto* model : {&a, &b}) model->compile({.optimizer = "adam", .loss = "mse"});
  a.fit(data.x, data.y, {.epochs = 3, .verbose = 0, .shuffle = false});
  for (int i = 0; i < 3; ++i) b.train_on_batch(data.x, data.y);
  CHECK_FALSE(moved(a.get_weights(), b.get_weights()));
}

// ---- epochs, steps, data

TEST_CASE("validation_split takes the last part, before shuffling", "[training][data]") {
  const Data data(10);
  auto model = small_net();
  CompileOptions options = standstill();
  options.weighted_metrics = {"mse"};
  model.compile(options);
  const D p = model.predict(data.x);
  D w({10});
  for (Index i = 0; i < 10; ++i) w(i) = static_cast<double>(i);
  double weighted = 0;
  for (Index i = 7; i < 10; ++i) weighted += w(i) * mse(data.y, p, i, i + 1);
  const auto history =
      model.fit(data.x, data.y, {.epochs = 2, .verbose = 0, .validation_split = 0.3, .sample_weight = w});
  CHECK(history["val_loss"][0] == near(weighted / 3));
  CHECK(history["val_mse"][1] == near(weighted / 24));  // 7 + 8 + 9
  const auto given =
      model.fit(data.x, data.y, {.verbose = 0, .validation_split = 0.3, .validation_data = {data.x, data.y}});
  CHECK(given["val_loss"][0] == near(mse(data.y, p, 0, 10)));  // the split is ignored then
}

TEST_CASE("validation_split needs two parts with samples, and tensors", "[training][data][errors]") {
  const Data data(10);
  auto model = small_net();
  model.compile(standstill());
  CHECK_THROWS_WITH(
      model.fit(data.x, data.y, {.verbose = 0, .validation_split = 0.9}),  // floor(10 (1 - 0.9)) is 0
      ContainsSubstring("fit: validation_split = 0.9 of 10 samples leaves nothing to train or to validate on"));
  CHECK_THROWS_AS(model.fit(data.x, data.y, {.verbose = 0, .validation_split = -0.1}), ArgumentError);
  CHECK_THROWS_AS(model.fit(data.x, data.y, {.verbose = 0, .validation_split = 1.0}), ArgumentError);
  CHECK_THROWS_WITH(model.fit(Dataset<double>::from_tensors(data.x, data.y), {.verbose = 0, .validation_split = 0.3}),
                    ContainsSubstring("fit: validation_split needs tensors"));
  CHECK_THROWS_WITH(model.fit(Dataset<double>::from_tensors(data.x, data.y), {.verbose = 0, .sample_weight = D({10})}),
                    ContainsSubstring("fit: sample_weight needs tensors"));
}

TEST_CASE("options that count something must be counts", "[training][errors]") {
  const Data data(4);
  auto model = small_net();
  model.compile(standstill());
  const auto message = [&](const FitOptions<double>& options) {
    try {
      model.fit(data.x, data.y, options);
      return std::string("nothing thrown");
    } catch (const ArgumentError& error) {
      return std::string(error.what());
    }
  };
  CHECK_THAT(message({.batch_size = 0, .verbose = 0}), ContainsSubstring("batch_size must be at least 1, got 0"));
  CHECK_THAT(message({.epochs = -1, .verbose = 0}), ContainsSubstring("epochs must be at least 0, got -1"));
  CHECK_THAT(message({.verbose = 0, .initial_epoch = -1}),
             ContainsSubstring("initial_epoch must be at least 0, got -1"));
  CHECK_THAT(message({.verbose = 0, .steps_per_epoch = 0}),
             ContainsSubstring("steps_per_epoch must be at least 1, got 0"));
  CHECK_THAT(message({.verbose = 0, .validation_steps = 0}),
             ContainsSubstring("validation_steps must be at least 1, got 0"));
  CHECK_THAT(message({.verbose = 0, .validation_batch_size = -3}),
             ContainsSubstring("validation_batch_size must be at least 1, got -3"));
  CHECK_THAT(message({.verbose = 0, .validation_freq = 0}),
             ContainsSubstring("validation_freq must be at least 1, got 0"));
  CHECK_THROWS_AS(model.evaluate(data.x, data.y, {.batch_size = 0, .verbose = 0}), ArgumentError);
  CHECK_THROWS_AS(model.evaluate(data.x, data.y, {.verbose = 0, .steps = -1}), ArgumentError);
  CHECK_THROWS_AS(model.predict(data.x, {.batch_size = 0}), ArgumentError);
  CHECK_THROWS_AS(model.predict(data.x, {.steps = 0}), ArgumentError);
}

TEST_CASE("callbacks are called in Keras's order, with the logs of the moment", "[training][callbacks]") {
  const Data data(3);
  auto model = small_net();
  model.compile(standstill());
  Names calls;
  model.fit(data.x, data.y,
            {.batch_size = 2,
             .epochs = 2,
             .verbose = 0,
             .callbacks = {Recorder(calls)},
             .validation_data = {data.x, data.y},
             .validation_batch_size = 3,
             .validation_freq = 2});
  CHECK_THAT(calls, Equals(Names{"train_begin", "epoch_begin 0", "train_batch_begin 0", "train_batch_end 0 loss",
                                 "train_batch_begin 1", "train_batch_end 1 loss", "epoch_end 0 loss", "epoch_begin 1",
                                 "train_batch_begin 0", "train_batch_end 0 loss", "train_batch_begin 1",
                                 "train_batch_end 1 loss", "test_begin", "test_batch_begin 0", "test_batch_end 0 loss",
                                 "test_end loss", "epoch_end 1 loss val_loss", "train_end loss val_loss"}));
  calls.clear();
  model.evaluate(data.x, data.y, {.verbose = 0, .callbacks = {Recorder(calls)}});
  CHECK_THAT(calls, Equals(Names{"test_begin", "test_batch_begin 0", "test_batch_end 0 loss", "test_end loss"}));
  calls.clear();
  model.predict(data.x, {.batch_size = 2, .callbacks = {Recorder(calls)}});
  CHECK_THAT(calls, Equals(Names{"predict_begin", "predict_batch_begin 0", "predict_batch_end 0",
                                 "predict_batch_begin 1", "predict_batch_end 1", "predict_end"}));
}

TEST_CASE("what a callback writes into the logs, later ones and the History see", "[training][callbacks]") {
  const Data data(3);
  auto model = small_net();
  model.compile(standstill());
  double seen = 0;
  const auto history = model.fit(
      data.x, data.y,
      {.verbose = 0,
       .callbacks = {callbacks::LambdaCallback({.on_epoch_end = [](int, Logs& logs) { logs["mine"] = 5; }}),
                     callbacks::LambdaCallback({.on_epoch_end = [&](int, Logs& logs) { seen = logs.at("mine"); }})}});
  CHECK(seen == 5);
  CHECK(history["mine"] == std::vector<double>{5});
}

TEST_CASE("validation_freq and a History with shorter series", "[training][data]") {
  const Data data(3);
  auto model = small_net();
  model.compile(standstill());
  const auto history =
      model.fit(data.x, data.y, {.epochs = 5, .verbose = 0, .validation_data = {data.x, data.y}, .validation_freq = 2});
  CHECK(history["loss"].size() == 5);
  CHECK(history["val_loss"].size() == 2);
}

TEST_CASE("initial_epoch counts into epochs", "[training][data]") {
  const Data data(3);
  auto model = small_net();
  model.compile(standstill());
  CHECK_THAT(model.fit(data.x, data.y, {.epochs = 5, .verbose = 0, .initial_epoch = 3}).epoch(),
             Equals(std::vector<int>{3, 4}));
  const auto none = model.fit(data.x, data.y, {.epochs = 3, .verbose = 0, .initial_epoch = 3});
  CHECK(none.history().empty());
  CHECK_THROWS_WITH(none["loss"], "History has no 'loss'; it has nothing: no epoch ran.");
  const auto one = model.fit(data.x, data.y, {.verbose = 0});
  CHECK_THROWS_WITH(one["acc"], "History has no 'acc'; it has 'loss'.");
}

TEST_CASE("epochs of fewer steps go on where the last one stopped", "[training][data]") {
  const Data data(6);  // 3 batches
  auto model = small_net();
  model.compile(standstill());
  const D p = model.predict(data.x);
  const Captured err(std::cerr);
  const auto history =
      model.fit(data.x, data.y, {.batch_size = 2, .epochs = 3, .verbose = 0, .shuffle = false, .steps_per_epoch = 2});
  CHECK(history["loss"][0] == near(mse(data.y, p, 0, 4)));
  CHECK(history["loss"][1] == near(mse(data.y, p, 4, 6)));
  CHECK(history["loss"][2] == near(mse(data.y, p, 0, 4)));
  CHECK(err.text() == "warning: the data ran out after 1 of 2 steps of epoch 2.\n");
}

TEST_CASE("validation_steps limits every validation, which starts from the first batch", "[training][data]") {
  const Data data(6);
  auto model = small_net();
  model.compile(standstill());
  const D p = model.predict(data.x);
  const auto history = model.fit(data.x, data.y,
                                 {.epochs = 2,
                                  .verbose = 0,
                                  .validation_data = {data.x, data.y},
                                  .validation_steps = 2,
                                  .validation_batch_size = 2});
  CHECK(history["val_loss"][0] == near(mse(data.y, p, 0, 4)));
  CHECK(history["val_loss"][1] == history["val_loss"][0]);
  CHECK(model.evaluate(data.x, data.y, {.batch_size = 3, .verbose = 0, .steps = 1}).at("loss") ==
        near(mse(data.y, p, 0, 3)));
}

TEST_CASE("a generator that ends is exhausted for the next epoch", "[training][data]") {
  const Data data(4);
  auto model = small_net();
  model.compile(standstill());
  const D p = model.predict(data.x);
  Index at = 0;
  const auto once = Dataset<double>::from_generator([&]() -> std::optional<std::pair<D, D>> {
    if (at == 4) return std::nullopt;
    at += 2;
    return std::pair(data.x.slice(at - 2, at), data.y.slice(at - 2, at));
  });
  const Captured err(std::cerr);
  const auto history = model.fit(once, {.epochs = 2, .verbose = 0});
  CHECK(history["loss"][0] == near(mse(data.y, p, 0, 4)));
  CHECK(history["loss"][1] == history["loss"][0]);
  CHECK(err.text() == "warning: the data ran out: epoch 2 had no batch and repeats the last numbers.\n");
}

TEST_CASE("a generator that starts again serves every epoch, and endless ones serve steps", "[training][data]") {
  const Data data(4);
  auto model = small_net();
  model.compile(standstill());
  const D p = model.predict(data.x);
  const auto again = Dataset<double>::from_generator([&] {
    return [&, at = Index{0}]() mutable -> std::optional<std::pair<D, D>> {
      if (at == 4) return std::nullopt;
      at += 2;
      return std::pair(data.x.slice(at - 2, at), data.y.slice(at - 2, at));
    };
  });
  const Captured err(std::cerr);
  const auto history = model.fit(again, {.epochs = 2, .verbose = 0});
  CHECK(history["loss"][0] == near(mse(data.y, p, 0, 4)));
  CHECK(history["loss"][1] == history["loss"][0]);
  Index asked = 0;
  const auto endless = Dataset<double>::from_generator([&]() -> std::optional<std::pair<D, D>> {
    ++asked;
    return std::pair(data.x, data.y);
  });
  CHECK(model.fit(endless, {.epochs = 2, .verbose = 0, .steps_per_epoch = 3})["loss"].size() == 2);
  CHECK(asked >= 6);
  CHECK(err.text().empty());
}

TEST_CASE("tensors are shuffled anew in every epoch by the seed alone, validation never", "[training][data]") {
  const Data data(32);
  const auto orders = [&](std::uint64_t seed) {
    auto model = small_net();
    model.compile(standstill());
    utils::set_random_seed(seed);
    std::vector<double> seen;
    const auto first = callbacks::LambdaCallback({.on_train_batch_end = [&](Index b, Logs& logs) {
      if (b == 0) seen.push_back(logs["loss"]);
    }});
    const auto history = model.fit(
        data.x, data.y,
        {.batch_size = 4, .epochs = 3, .verbose = 0, .callbacks = {first}, .validation_data = {data.x, data.y}});
    CHECK(history["val_loss"][0] == history["val_loss"][2]);
    return seen;
  };
  const auto a = orders(1);
  CHECK(a == orders(1));
  CHECK(a != orders(2));
  CHECK(a[0] != a[1]);
}

TEST_CASE("stop_training ends the epoch after its batch; validation and epoch_end still run", "[training][callbacks]") {
  const Data data(6);
  auto model = small_net();
  model.compile(standstill());
  Names calls;
  const auto stop = callbacks::LambdaCallback(
      {.on_train_batch_end = [&](Index batch, Logs&) { model.stop_training() = batch == 1; }});
  const auto history = model.fit(data.x, data.y,
                                 {.batch_size = 2,
                                  .epochs = 5,
                                  .verbose = 0,
                                  .callbacks = {stop, Recorder(calls)},
                                  .validation_data = {data.x, data.y},
                                  .validation_batch_size = 6});
  CHECK(history["loss"].size() == 1);
  CHECK(history["val_loss"].size() == 1);
  CHECK_THAT(calls, Equals(Names{"train_begin", "epoch_begin 0", "train_batch_begin 0", "train_batch_end 0 loss",
                                 "train_batch_begin 1", "train_batch_end 1 loss", "test_begin", "test_batch_begin 0",
                                 "test_batch_end 0 loss", "test_end loss", "epoch_end 0 loss val_loss",
                                 "train_end loss val_loss"}));
  CHECK(model.fit(data.x, data.y, {.epochs = 2, .verbose = 0})["loss"].size() == 2);  // starts anew
}

TEST_CASE("a callback sees the model's optimizer, weights and directions", "[training][callbacks]") {
  class Look final : public Callback {
   public:
    std::shared_ptr<Callback> share() const override { return std::make_shared<Look>(*this); }
    void on_epoch_end(int epoch, Logs&) override {
      if (epoch == 0) copy_ = model().copy_weights();
      if (epoch == 1) model().restore_weights(copy_);
      model().optimizer().set_learning_rate(0.25);
      CHECK(model().maximizes("loss") == false);
      CHECK(model().maximizes("accuracy") == true);
      CHECK_FALSE(model().maximizes("nothing").has_value());
      CHECK(model().name() == "net");
      CHECK(params().epochs == 2);
      CHECK(params().steps == 1);
    }

   private:
    std::shared_ptr<const void> copy_;
  };
  const Data data(4);
  auto model = small_net();
  model.compile({.optimizer = optimizers::SGD({.learning_rate = 0.5}), .loss = "mse", .metrics = {"accuracy"}});
  std::vector<D> after_first;
  const auto keep = callbacks::LambdaCallback({.on_epoch_end = [&](int epoch, Logs&) {
    if (epoch == 0) after_first = model.get_weights();
  }});
  model.fit(data.x, data.y, {.epochs = 2, .verbose = 0, .callbacks = {keep, Look()}});
  CHECK_FALSE(moved(after_first, model.get_weights()));
  CHECK(model.optimizer().learning_rate() == 0.25);
}

// ---- errors

TEST_CASE("training without compile() or without a loss says what to call", "[training][errors]") {
  const Data data(2);
  auto model = small_net();
  CHECK_THROWS_AS(model.fit(data.x, data.y, {.verbose = 0}), StateError);
  CHECK_THROWS_WITH(model.fit(data.x, data.y, {.verbose = 0}),
                    "fit() called before compile(): Model 'net' has no optimizer and no loss. Call "
                    "model.compile({.loss = ...}) first.");
  CHECK_THROWS_WITH(model.evaluate(data.x, data.y, {.verbose = 0}),
                    ContainsSubstring("evaluate() called before compile()"));
  CHECK_THROWS_WITH(model.train_on_batch(data.x, data.y),
                    ContainsSubstring("train_on_batch() called before compile()"));
  CHECK_THROWS_WITH(model.test_on_batch(data.x, data.y), ContainsSubstring("test_on_batch() called before compile()"));
  CHECK_THROWS_WITH(model.optimizer(), ContainsSubstring("optimizer() called before compile()"));
  CHECK_THROWS_WITH(model.plan(), ContainsSubstring("plan() called before compile()"));
  model.compile({.optimizer = "sgd"});
  CHECK_THROWS_WITH(model.fit(data.x, data.y, {.verbose = 0}),
                    "fit(): Model 'net' has no loss to compute. Give compile() a .loss.");
}

TEST_CASE("a Sequential without an input shape is compiled when data comes", "[training][compile]") {
  const Data data(4);
  Sequential<double> model({layers::Dense<double>(2)}, {.name = "later"});
  model.compile({.loss = "mse"});
  CHECK(model.fit(data.x, data.y, {.verbose = 0})["loss"].size() == 1);
  Sequential<double> other({layers::Dense<double>(2)}, {.name = "later"});
  other.compile({.loss = "mse"});
  CHECK(other.evaluate(data.x, data.y, {.verbose = 0}).at("loss") > 0);
  Sequential<double> third({layers::Dense<double>(2)}, {.name = "later"});
  third.compile({.loss = "mse"});
  CHECK(third.test_on_batch(data.x, data.y).at("loss") > 0);
}

TEST_CASE("a layer that comes after compile() is trained with", "[training][compile]") {
  const Data data(4, 1);
  auto model = small_net();
  model.compile({.loss = "mse"});
  model.add(layers::Dense<double>(1, {.name = "more"}));
  const auto before = model.layer("more").get_weights();
  model.fit(data.x, data.y, {.verbose = 0});
  CHECK(moved(before, model.layer("more").get_weights()));
}

TEST_CASE("losses and metrics must fit the outputs", "[training][errors]") {
  const auto x = Input<double>({3});
  Model model(x, {layers::Dense<double>(2, {.name = "a"})(x), layers::Dense<double>(2, {.name = "b"})(x)},
              {.name = "m"});
  const auto message = [&](const CompileOptions& options) {
    try {
      model.compile(options);
      return std::string("nothing thrown");
    } catch (const ArgumentError& error) {
      return std::string(error.what());
    }
  };
  CHECK(message({.loss = {"mse", "mse", "mse"}}) ==
        "compile: loss has 3 entries for 2 outputs ('a', 'b'). Give one for each.");
  CHECK(message({.loss = {{"c", "mse"}}}) ==
        "compile: loss names 'c', which is not an output. The outputs are 'a', 'b'.");
  CHECK_THAT(message({.loss = "mse", .loss_weights = {1.0}}),
             ContainsSubstring("loss_weights has 1 entries for 2 outputs"));
  CHECK_THAT(message({.loss = "mse", .metrics = {"mse", "mse", "mse"}}), ContainsSubstring("metrics has 3 entries"));
  CHECK_THAT(message({.loss = "mse", .weighted_metrics = {{"z", {"mse"}}}}),
             ContainsSubstring("weighted_metrics names 'z'"));
  CHECK_THROWS_WITH(Loss("mean_sqared_error"), ContainsSubstring("there is no loss \"mean_sqared_error\""));
  CHECK_THROWS_WITH(Metric("acuracy"), ContainsSubstring("there is no metric \"acuracy\""));
  CHECK_THROWS_WITH(Optimizer("adamm"), ContainsSubstring("there is no optimizer \"adamm\""));
  model.compile({.loss = "mse"});
  CHECK_THROWS_AS(model.compile({.loss = {"mse", "mse", "mse"}}), ArgumentError);
  CHECK(model.plan().learning == 4);  // the failed call left the compiled state as it was
}

TEST_CASE("data that does not fit is named, whatever feeds it", "[training][errors]") {
  const Data data(4);
  auto model = small_net();
  model.compile({.loss = "mse"});
  const auto before = model.get_weights();
  CHECK_THROWS_WITH(model.fit(D({4, 5}), data.y, {.verbose = 0}),
                    "Model 'net' expects (None, 3) as input 0, got (4, 5).");
  CHECK_THROWS_WITH(model.predict(D({3})),
                    "Model 'net' expects (None, 3) as input 0, got (3,). The batch axis is missing.");
  CHECK_THROWS_WITH(model.predict(std::vector{data.x, data.x}), "Model 'net' has 1 inputs, the data brings 2.");
  CHECK_THROWS_AS(model.fit(data.x, D({3, 2}), {.verbose = 0}), ShapeError);
  CHECK_THROWS_AS(model.fit(data.x, D({4, 7}), {.verbose = 0}), ShapeError);
  CHECK_THROWS_WITH(model.fit(Dataset<double>::from_tensors(data.x), {.verbose = 0}),
                    ContainsSubstring("the data brings 0 label tensors"));
  CHECK_THROWS_WITH(model.fit(Dataset<double>(), {.verbose = 0}), "fit: the training dataset is empty.");
  CHECK_THROWS_AS(model.evaluate(Dataset<double>(), {.verbose = 0}), ArgumentError);
  CHECK_THROWS_AS(model.predict(Dataset<double>()), ArgumentError);
  CHECK_THROWS_AS(model.predict(D()), Error);
  CHECK_THROWS_AS(model.train_on_batch(D(), D()), Error);
  CHECK_THROWS_AS(model.train_on_batch(data.x, D({3, 2})), ShapeError);
  CHECK_THROWS_AS(model.train_on_batch(data.x, data.y, D({3})), ShapeError);
  CHECK_FALSE(moved(before, model.get_weights()));
  CHECK(model.fit(data.x, data.y, {.verbose = 0})["loss"].size() == 1);  // and the model still trains
}

TEST_CASE("class weights need one output", "[training][weights][errors]") {
  const Data data(4);
  const auto x = Input<double>({3});
  Model model(x, {layers::Dense<double>(2, {.name = "a"})(x), layers::Dense<double>(2, {.name = "b"})(x)});
  model.compile({.loss = "mse"});
  CHECK_THROWS_WITH(
      model.fit(std::vector{data.x}, std::vector{data.y, data.y}, {.verbose = 0, .class_weight = {{0, 2.0}}}),
      ContainsSubstring("class_weight needs a model with one output"));
}

TEST_CASE("an exception from a callback leaves a model that trains on", "[training][errors]") {
  const Data data(4);
  auto model = small_net();
  model.compile({.loss = "mse"});
  const auto thrower =
      callbacks::LambdaCallback({.on_train_batch_end = [](Index, Logs&) { throw std::runtime_error("mine"); }});
  CHECK_THROWS_WITH(model.fit(data.x, data.y, {.verbose = 0, .callbacks = {thrower}}), "mine");
  CHECK(model.fit(data.x, data.y, {.verbose = 0})["loss"].size() == 1);
}

TEST_CASE("the training argument of a call is overridden, and the plan says so", "[training][compile]") {
  const auto x = Input<double>({3});
  Model model(x, layers::Dense<double>(
                     2, {.name = "out"})(layers::BatchNormalization<double>({.name = "bn"})(x, {.training = false})));
  model.compile({.loss = "mse"});
  CHECK_THAT(model.plan().notes,
             Equals(Names{
                 "bn: training = false was given to its call; fit, evaluate and predict override it, as in Keras 3"}));
}
