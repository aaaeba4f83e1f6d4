#include <graft/layers/activation.hpp>
#include <graft/layers/add.hpp>
#include <graft/layers/batch_normalization.hpp>
#include <graft/layers/concatenate.hpp>
#include <graft/layers/conv2d.hpp>
#include <graft/layers/dense.hpp>
#include <graft/layers/dropout.hpp>
#include <graft/layers/global_average_pooling2d.hpp>
#include <graft/layers/max_pooling2d.hpp>
#include <graft/models/sequential.hpp>
#include <graft/training/callbacks/lambda_callback.hpp>

#include "support/catch.hpp"
#include "support/numeric.hpp"

// The plan's promise: whatever it saves, the bits stay. A run in three phases with a falling boundary is repeated with
// the feature cache on, off, in a file and without room, on any number of threads, and on memory that is poisoned.

using namespace graft;

namespace {

using F = Tensor<float>;

struct Variant {
  plan::FeatureCacheOptions cache = {};
  Index threads = 1;
  bool poison = false;
};
const Variant uncached{.cache = {.enabled = false}};

/// Sets threads and poison for a scope.
class Settings {
 public:
  explicit Settings(const Variant& v) : threads_(thread_pool().threads()) {
    set_num_threads(v.threads);
    plan::poison_by_default = v.poison;
  }
  ~Settings() {
    set_num_threads(threads_);
    plan::poison_by_default = false;
  }
  Settings(const Settings&) = delete;
  Settings& operator=(const Settings&) = delete;

 private:
  Index threads_;
};

/// All that a run leaves behind.
struct Trace {
  std::vector<History> histories;
  std::vector<F> weights;
  F prediction;
  Index in_memory = 0, in_file = 0;  ///< largest number of bytes that features took

  bool operator==(const Trace& other) const {
    if (histories.size() != other.histories.size() || weights.size() != other.weights.size()) return false;
    for (std::size_t i = 0; i < histories.size(); ++i)
      if (histories[i].history() != other.histories[i].history()) return false;
    for (std::size_t i = 0; i < weights.size(); ++i)
      if (!same_bits(weights[i], other.weights[i])) return false;
    return same_bits(prediction, other.prediction);
  }
};

SymbolicTensor<float> conv(const SymbolicTensor<float>& x, Index filters, const std::string& name, bool normalize) {
  auto y = layers::Conv2D(filters, 3,
                          {.padding = "same",
                           .activation = normalize ? "linear" : "relu",
                           .use_bias = !normalize,
                           .kernel_regularizer = regularizers::L2({.l2 = 1e-3}),
                           .name = name})(x);
  if (!normalize) return y;
  y = layers::BatchNormalization({.momentum = 0.8, .name = name + "_bn"})(y);
  return layers::Activation("relu", {.name = name + "_relu"})(y);
}

/// Convolutions, batch normalizations, pools and a dropout.
SymbolicTensor<float> trunk(SymbolicTensor<float> x, double rate = 0.3) {
  x = conv(x, 5, "c1", false);
  x = conv(x, 6, "c2", true);
  x = layers::MaxPooling2D(2, {.name = "p1"})(x);
  x = conv(x, 7, "c3", true);
  x = layers::Dropout(rate, {.name = "drop"})(x);
  x = conv(x, 8, "c4", true);
  return layers::MaxPooling2D(2, {.name = "p2"})(x);
}
SymbolicTensor<float> head(SymbolicTensor<float> x) {
  x = layers::GlobalAveragePooling2D({.name = "gap"})(x);
  x = layers::GaussianNoise(0.1, {.name = "noise"})(x);
  x = layers::Dense(8, {.activation = "relu", .name = "hidden"})(x);
  x = layers::Dropout(0.5, {.name = "drop_head"})(x);
  return layers::Dense(3, {.activation = "softmax", .name = "classes"})(x);
}

/// A model and the trunk whose layers thaw, in the same or in a nested graph.
struct Net {
  Model<> trunk, model;
};
Net make_net(bool nested) {
  utils::set_random_seed(11);
  const auto image = Input({9, 10, 3}, {.name = "image"});
  const Model base(image, trunk(image), {.name = "trunk"});
  if (!nested) return {base, Model(base.input(), head(base.output()))};
  const auto outer = Input({9, 10, 3}, {.name = "outer"});
  return {base, Model(outer, head(base(outer)))};
}

struct Data {
  F x, y;
  Data(Index n, std::uint64_t seed) : x(random_tensor<float>({n, 9, 10, 3}, seed)), y({n, 3}) {
    for (Index i = 0; i < n; ++i) y(i, (i * 7 + 1) % 3) = 1;
  }
};

/// Three phases, each with more layers that learn: the head; from c4 on; all but c1.
Trace train(bool nested, const Variant& variant, std::vector<CallbackRef> callbacks = {}) {
  const Settings settings(variant);
  const Net net = make_net(nested);
  const Data data(13, 1), val(6, 2);
  Trace trace;
  const auto fit = [&](const Optimizer& optimizer, int epochs) {
    net.model.compile({.optimizer = optimizer, .loss = "categorical_crossentropy", .metrics = {"accuracy"}});
    trace.histories.push_back(net.model.fit(data.x, data.y,
                                            {.batch_size = 4,
                                             .epochs = epochs,
                                             .verbose = 0,
                                             .callbacks = callbacks,
                                             .validation_data = {val.x, val.y},
                                             .validation_batch_size = 5,
                                             .feature_cache = variant.cache}));
    auto& features = net.model.trainer().resources().features;
    trace.in_memory = std::max(trace.in_memory, features.used(false));
    trace.in_file = std::max(trace.in_file, features.used(true));
  };
  net.trunk.trainable = false;
  fit("rmsprop", 2);
  net.trunk.trainable = true;
  for (const char* name : {"c1", "c2", "c2_bn", "c3", "c3_bn"}) net.trunk.layer(name).trainable = false;
  fit(optimizers::SGD({.learning_rate = 0.01, .momentum = 0.9}), 3);
  for (const char* name : {"c2", "c2_bn", "c3", "c3_bn"}) net.trunk.layer(name).trainable = true;
  net.trunk.layer("c3_bn").trainable = false;
  fit(optimizers::Adam({.learning_rate = 0.001}), 2);
  trace.weights = net.model.get_weights();
  trace.prediction = net.model.predict(val.x);
  return trace;
}

bool finite(const Trace& trace) {
  for (const auto& history : trace.histories)
    for (const auto& [name, values] : history.history())
      for (const double v : values)
        if (!std::isfinite(v)) return false;
  return true;
}

}  // namespace

TEST_CASE("the feature cache changes no bit, flat and nested", "[training][exactness]") {
  const bool nested = GENERATE(false, true);
  CAPTURE(nested);
  const Trace plain = train(nested, uncached);
  REQUIRE(finite(plain));
  CHECK(plain.in_memory == 0);
  const Trace cached = train(nested, {});
  CHECK(cached == plain);
  CHECK(cached.in_memory > 0);
  CHECK(cached.in_file == 0);
}

TEST_CASE("the number of threads changes no bit, with the cache and without", "[training][exactness][threads]") {
  const bool nested = GENERATE(false, true);
  const Trace plain = train(nested, uncached);
  for (const Index threads : {2, 3}) {
    CAPTURE(threads);
    CHECK(train(nested, {.threads = threads}) == plain);
    CHECK(train(nested, {.cache = {.enabled = false}, .threads = threads}) == plain);
  }
}

TEST_CASE("a model fitted on what a frozen part predicts is as if that part were not random", "[training][exactness]") {
  const bool cache = GENERATE(true, false);
  const Data data(13, 1);
  const auto fitted = [&](const Model<>& model, const F& x) {
    utils::set_random_seed(3);
    model.compile({.optimizer = "rmsprop", .loss = "categorical_crossentropy", .metrics = {"accuracy"}});
    return model.fit(x, data.y, {.batch_size = 4, .epochs = 2, .verbose = 0, .feature_cache = {.enabled = cache}})
        .history();
  };
  const Net net = make_net(false);
  net.trunk.trainable = false;
  net.model.compile({.optimizer = "rmsprop", .loss = "categorical_crossentropy"});
  REQUIRE(net.model.plan().notes ==
          std::vector<std::string>{
              "drop: not the same in every batch, also while frozen, so what is computed once ends "
              "before; 2 frozen layers with weights behind run for every batch. Where nothing has to "
              "be random there, let the frozen part's predict() make its features once and fit the rest on them"});
  const F features = net.trunk.predict(data.x);
  const auto in = Input(features.shape().without_batch());
  const Model rest(in, head(in));

  const auto image = Input({9, 10, 3});
  const Model calm(image, trunk(image, 0));
  calm.set_weights(net.trunk.get_weights());
  calm.trainable = false;
  const Model whole(image, head(calm.output()));
  for (const char* name : {"hidden", "classes"}) whole.layer(name).set_weights(rest.layer(name).get_weights());

  CHECK(fitted(whole, data.x) == fitted(rest, features));
  for (const char* name : {"hidden", "classes"})
    for (std::size_t i = 0; i < 2; ++i)
      CHECK(same_bits(whole.layer(name).get_weights()[i], rest.layer(name).get_weights()[i]));
  CHECK(whole.plan().notes.empty());
}

TEST_CASE("features that go to a file, or nowhere, change no bit", "[training][exactness]") {
  const bool nested = GENERATE(false, true);
  const Trace plain = train(nested, uncached);
  const Trace in_file = train(nested, {.cache = {.memory_limit = 0}});
  CHECK(in_file == plain);
  CHECK(in_file.in_memory == 0);
  CHECK(in_file.in_file > 0);
  const Trace nowhere = train(nested, {.cache = {.memory_limit = 0, .file_limit = 0}});
  CHECK(nowhere == plain);
  CHECK(nowhere.in_memory + nowhere.in_file == 0);
  // Room for some of it: the cut of the training data in memory, that of the validation data in a file or nowhere.
  const Index room = in_file.in_file / 2;
  CHECK(train(nested, {.cache = {.memory_limit = room}}) == plain);
  CHECK(train(nested, {.cache = {.memory_limit = room, .file_limit = 0}}) == plain);
  const Trace no_folder = train(nested, {.cache = {.memory_limit = 0, .folder = "/this/folder/does/not/exist"}});
  CHECK(no_folder == plain);
  CHECK(no_folder.in_file == 0);
}

TEST_CASE("no step reads memory that is not alive", "[training][exactness]") {
  const bool nested = GENERATE(false, true);
  const Trace plain = train(nested, uncached);
  CHECK(train(nested, {.poison = true}) == plain);
  CHECK(train(nested, {.cache = {.enabled = false}, .threads = 2, .poison = true}) == plain);
}

TEST_CASE("a callback that writes a frozen weight makes its features again", "[training][exactness]") {
  // After the first epoch, and in the middle of one.
  const auto run = [](bool mid_epoch, const Variant& variant) {
    const Settings settings(variant);
    const Net net = make_net(true);
    const Data data(13, 1), val(6, 2);
    net.trunk.trainable = false;
    const auto change = [&] {
      const auto kernel = net.trunk.layer("c2").weights()[0];
      F value = kernel.value();
      value.array() *= -1.5f;
      kernel.assign(value);
    };
    const auto callback = callbacks::LambdaCallback({.on_epoch_end =
                                                         [&](int epoch, Logs&) {
                                                           if (!mid_epoch && epoch == 0) change();
                                                         },
                                                     .on_train_batch_end =
                                                         [&](Index batch, Logs&) {
                                                           if (mid_epoch && batch == 1) change();
                                                         }});
    net.model.compile({.optimizer = "adam", .loss = "categorical_crossentropy"});
    Trace trace;
    trace.histories.push_back(net.model.fit(data.x, data.y,
                                            {.batch_size = 4,
                                             .epochs = 3,
                                             .verbose = 0,
                                             .callbacks = {callback},
                                             .validation_data = {val.x, val.y},
                                             .feature_cache = variant.cache}));
    trace.weights = net.model.get_weights();
    trace.in_memory = net.model.trainer().resources().features.used(false);
    return trace;
  };
  for (const bool mid_epoch : {false, true}) {
    CAPTURE(mid_epoch);
    const Trace plain = run(mid_epoch, uncached);
    const Trace cached = run(mid_epoch, {});
    CHECK(cached == plain);
    CHECK(cached.in_memory > 0);
    // Room for the first features alone: after the change whole batches are computed.
    CHECK(run(mid_epoch, {.cache = {.memory_limit = 13 * 4 * 5 * 7 * 4 + 100, .file_limit = 0}}) == plain);
  }
}

TEST_CASE("restoring equal weights keeps the features", "[training][exactness]") {
  const Net net = make_net(false);
  const Data data(13, 1);
  net.trunk.trainable = false;
  net.model.compile({.optimizer = "sgd", .loss = "categorical_crossentropy"});
  const auto kernel = net.trunk.layer("c1").weights()[0];
  const long version = kernel.version();
  net.model.fit(data.x, data.y,
                {.verbose = 0, .callbacks = {callbacks::LambdaCallback({.on_epoch_end = [&](int, Logs&) {
                                 net.model.set_weights(net.model.get_weights());
                               }})}});
  CHECK(kernel.version() == version);
}

TEST_CASE("validation data has features of its own, and a later phase finds those of an earlier one",
          "[training][exactness]") {
  const auto bytes = [](bool with_validation) {
    const Net net = make_net(false);
    const Data data(13, 1), val(6, 2);
    net.trunk.trainable = false;
    net.model.compile({.optimizer = "sgd", .loss = "categorical_crossentropy"});
    FitOptions<float> options{.verbose = 0};
    if (with_validation) options.validation_data = {val.x, val.y};
    net.model.fit(data.x, data.y, options);
    return net.model.trainer().resources().features.used(false);
  };
  // Training ends its prefix before the first dropout: (4, 5, 7) of 13 samples, and the pool (4, 5, 6) below is kept
  // too.
  CHECK(bytes(false) == 13 * 4 * 5 * (7 + 6) * 4);
  // Evaluation goes on to the global average of 8 numbers; what pools is kept below: (2, 2, 8) and (4, 5, 6).
  CHECK(bytes(true) - bytes(false) == 6 * (8 + 2 * 2 * 8 + 4 * 5 * 6) * 4);
}

TEST_CASE("features of one fit serve the next one: nothing of the frozen part runs again", "[training][exactness]") {
  const Net net = make_net(false);
  const Data data(13, 1);
  Index calls = 0;
  const auto set = Dataset<>::from_tensors(data.x, data.y)
                       .map(
                           [&](F x) {
                             calls += x.shape()[0];
                             return x;
                           },
                           {.deterministic = true});
  net.trunk.trainable = false;
  net.model.compile({.optimizer = "sgd", .loss = "categorical_crossentropy"});
  net.model.fit(set, {.epochs = 3, .verbose = 0});
  const Index once = calls;
  net.model.fit(set, {.epochs = 2, .verbose = 0});
  CHECK(calls == once);
  net.trunk.layer("c4").trainable = true;  // a lower boundary: above what is stored
  net.model.compile({.optimizer = "sgd", .loss = "categorical_crossentropy"});
  net.model.fit(set, {.epochs = 2, .verbose = 0});
  CHECK(calls == once);
  CHECK(once >= 13);
  CHECK(once < 26);
}

TEST_CASE("samples that are not known to repeat are computed every time", "[training][exactness]") {
  const Net net = make_net(false);
  const Data data(13, 1);
  Index calls = 0;
  const auto set = Dataset<>::from_tensors(data.x, data.y).map([&](F x) {
    calls += x.shape()[0];
    return x;
  });
  net.trunk.trainable = false;
  net.model.compile({.optimizer = "sgd", .loss = "categorical_crossentropy"});
  net.model.fit(set, {.epochs = 3, .verbose = 0});
  CHECK(calls >= 3 * 13);
  CHECK(net.model.trainer().resources().features.used(false) == 0);
}

TEST_CASE("an error while features are made leaves none behind", "[training][exactness]") {
  const Net net = make_net(false);
  const Data data(13, 1);
  bool fail = true;
  const auto set = Dataset<>::from_tensors(data.x, data.y)
                       .map(
                           [&](F x) {
                             for (Index i = 0; i < x.shape()[0]; ++i)
                               if (fail && x(i, 0, 0, 0) == data.x(12, 0, 0, 0)) throw std::runtime_error("unreadable");
                             return x;
                           },
                           {.deterministic = true});
  net.trunk.trainable = false;
  net.model.compile({.optimizer = "sgd", .loss = "categorical_crossentropy"});
  CHECK_THROWS_WITH(net.model.fit(set, {.verbose = 0}), "unreadable");
  CHECK(net.model.trainer().resources().features.used(false) == 0);
  fail = false;
  CHECK(net.model.fit(set, {.verbose = 0})["loss"].size() == 1);
}

TEST_CASE("a cut that holds one of the model's inputs is fed from data and store", "[training][exactness]") {
  const auto run = [](const Variant& variant) {
    const Settings settings(variant);
    utils::set_random_seed(4);
    const auto image = Input({6, 6, 2}, {.name = "image"}), extra = Input({6, 6, 3}, {.name = "extra"});
    const layers::Conv2D frozen(3, 3, {.padding = "same", .activation = "relu", .name = "frozen", .trainable = false});
    auto y = layers::Add({.name = "sum"})({frozen(image), extra});
    y = layers::Conv2D(4, 3, {.name = "learns"})(y);
    y = layers::GlobalAveragePooling2D({.name = "gap"})(layers::Concatenate({.name = "both"})({y, y}));
    Model model({image, extra}, layers::Dense(1, {.name = "out"})(layers::Concatenate({.name = "join"})(
                                    {y, layers::GlobalAveragePooling2D({.name = "gap2"})(extra)})));
    model.compile({.optimizer = "adam", .loss = "mse"});
    const std::vector<F> x{random_tensor<float>({7, 6, 6, 2}, 1), random_tensor<float>({7, 6, 6, 3}, 2)};
    Trace trace;
    trace.histories.push_back(model.fit(x, {random_tensor<float>({7, 1}, 3)},
                                        {.batch_size = 3, .epochs = 3, .verbose = 0, .feature_cache = variant.cache}));
    trace.weights = model.get_weights();
    trace.in_memory = model.trainer().resources().features.used(false);
    return trace;
  };
  const Trace plain = run(uncached), cached = run({});
  CHECK(cached == plain);
  CHECK(cached.in_memory > 0);
  CHECK(run({.threads = 3, .poison = true}) == plain);
}

TEST_CASE("a sample alone has the bits it has in a batch of 37, in any batch size", "[training][exactness]") {
  const Net net = make_net(true);
  const Data data(37, 5);
  const F all = net.model.predict(data.x, {.batch_size = 37});
  for (const Index threads : {1, 2, 3}) {
    const Settings settings({.threads = threads});
    for (const Index batch : {1, 5, 32}) CHECK(same_bits(net.model.predict(data.x, {.batch_size = batch}), all));
    for (const Index i : {0, 17, 36}) CHECK(same_bits(net.model.predict(data.x.slice(i, i + 1)), all.slice(i, i + 1)));
  }
}

TEST_CASE("eight threads predict on one const model", "[training][exactness][threads]") {
  const Net net = make_net(true);
  const Model<>& model = net.model;
  const Data data(9, 5);
  const F expected = model.predict(data.x);
  std::vector<F> results(8);
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < 8; ++t)
    threads.emplace_back([&, t] {
      for (int i = 0; i < 5; ++i) results[t] = model.predict(data.x, {.batch_size = static_cast<Index>(t + 1)});
    });
  for (auto& thread : threads) thread.join();
  for (const F& result : results) CHECK(same_bits(result, expected));
}

TEST_CASE("eight threads make the first prediction of a model", "[training][exactness][threads]") {
  const Net net = make_net(false);
  const Data data(3, 5);
  std::vector<F> results(8);
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < 8; ++t) threads.emplace_back([&, t] { results[t] = net.model.predict(data.x); });
  for (auto& thread : threads) thread.join();
  for (const F& result : results) CHECK(same_bits(result, net.model.predict(data.x)));
}

TEST_CASE("no optimizer touches a frozen tensor, whatever decays or is normalized", "[training][exactness]") {
  const bool nested = GENERATE(false, true);
  const Optimizer optimizer =
      GENERATE(Optimizer(optimizers::SGD({.learning_rate = 0.05, .momentum = 0.9, .weight_decay = 0.1})),
               Optimizer(optimizers::RMSprop({.learning_rate = 0.01, .momentum = 0.5})), Optimizer("adam"),
               Optimizer(optimizers::AdamW({.weight_decay = 0.1})),
               Optimizer(optimizers::Adam({.use_ema = true, .ema_overwrite_frequency = 2})));
  CAPTURE(nested, optimizer.name());
  const Net net = make_net(nested);
  const Data data(13, 1);
  for (const char* name : {"c1", "c2", "c2_bn", "c3_bn", "hidden"}) {
    const Model<>& owner = std::string(name) == "hidden" ? net.model : net.trunk;
    owner.layer(name).trainable = false;
  }
  net.model.compile({.optimizer = optimizer, .loss = "categorical_crossentropy"});
  std::vector<std::pair<Variable<float>, F>> frozen;
  for (const char* name : {"c1", "c2", "c2_bn", "c3_bn"})
    for (const auto& variable : net.trunk.layer(name).weights()) frozen.emplace_back(variable, variable.value());
  for (const auto& variable : net.model.layer("hidden").weights()) frozen.emplace_back(variable, variable.value());
  REQUIRE(frozen.size() == 2 + 1 + 4 + 4 + 2);
  const auto moving = net.trunk.layer("c4_bn").get_weights();
  net.model.fit(data.x, data.y, {.batch_size = 4, .epochs = 2, .verbose = 0});
  for (const auto& [variable, before] : frozen) CHECK(same_bits(variable.value(), before));
  const auto moved = net.trunk.layer("c4_bn").get_weights();
  for (std::size_t i = 0; i < 4; ++i) CHECK_FALSE(same_bits(moved[i], moving[i]));
}

TEST_CASE("folding a batch normalization changes nothing beyond rounding", "[training][exactness]") {
  utils::set_random_seed(5);
  const layers::Conv2D<double> conv(6, 3, {.padding = "same", .name = "conv"});
  const layers::BatchNormalization<double> bn({.name = "bn"});
  const layers::Activation<double> relu("relu", {.name = "relu"});
  const layers::Dense<double> dense(5, {.name = "dense"});
  const layers::BatchNormalization<double> bn2({.scale = false, .name = "bn2"});
  const Sequential<double> model(
      {Input<double>({7, 6, 4}), conv, bn, relu, layers::GlobalAveragePooling2D<double>({.name = "gap"}), dense, bn2});
  bn.set_weights({random_tensor<double>({6}, 1, 0.5, 2), random_tensor<double>({6}, 2), random_tensor<double>({6}, 3),
                  random_tensor<double>({6}, 4, 0.1, 3)});
  bn2.set_weights(
      {random_tensor<double>({5}, 5), random_tensor<double>({5}, 6), random_tensor<double>({5}, 7, 0.1, 3)});
  const auto x = random_tensor<double>({3, 7, 6, 4}, 8);
  const auto expected = bn2(dense(layers::GlobalAveragePooling2D<double>()(relu(bn(conv(x))))));
  // 36 products of 4 channels, each rounded once more by the folded scale: 1e-16 times the root of some hundred terms.
  CHECK(relative_error(model.predict(x), expected) < 1e-14);
  model.trainable = false;
  model.compile({.loss = "mse"});
  std::vector<std::string> steps;
  for (const auto& row : model.plan().rows) steps.push_back(row.step);
  CHECK(steps[0] == "conv2d + bias + moving_normalization + relu");
}
