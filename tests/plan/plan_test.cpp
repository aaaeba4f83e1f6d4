#include <graft/layers/add.hpp>
#include <graft/layers/batch_normalization.hpp>
#include <graft/layers/conv2d.hpp>
#include <graft/layers/dense.hpp>
#include <graft/layers/dropout.hpp>
#include <graft/layers/flatten.hpp>
#include <graft/layers/max_pooling2d.hpp>
#include <graft/models/sequential.hpp>

#include "support/catch.hpp"
#include "support/numeric.hpp"
#include "support/temporary_folder.hpp"

using namespace graft;

namespace {

using F = Tensor<float>;

/// y = 2 x in a class of the user's own; `pure`: whether it says that rows do not depend on one another.
class Twice final : public Layer<float> {
 public:
  explicit Twice(bool pure) : pure_(pure) { set_identity("twice", class_name(), true); }
  std::string class_name() const override { return "Twice"; }
  std::shared_ptr<Layer<float>> share() const override { return std::make_shared<Twice>(*this); }
  bool row_independent() const override { return pure_; }
  F call(const F& x, Context<float>&) const override {
    largest = std::max(largest, x.shape()[0]);
    F y = x;
    y.array() *= 2;
    return y;
  }
  F backward(const F& dy, Context<float>&) const override {
    F dx = dy;
    dx.array() *= 2;
    return dx;
  }
  static inline Index largest = 0;

 private:
  bool pure_;
};

Model<> small_net() {
  utils::set_random_seed(3);
  return Sequential(
      {Input({8, 8, 3}, {.name = "image"}),
       layers::Conv2D(4, 3, {.padding = "same", .activation = "relu", .name = "conv1"}),
       layers::MaxPooling2D(2, {.name = "pool"}), layers::Conv2D(5, 3, {.use_bias = false, .name = "conv2"}),
       layers::BatchNormalization({.name = "bn"}), layers::Flatten({.name = "flatten"}),
       layers::Dropout(0.5, {.name = "dropout"}), layers::Dense(3, {.activation = "softmax", .name = "classes"})},
      {.name = "small"});
}

std::string printed(const Plan& plan) {
  std::ostringstream out;
  out << plan;
  return out.str();
}

std::vector<std::string> kinds(const Plan& plan) {
  std::vector<std::string> all;
  for (const auto& row : plan.rows) all.push_back(row.layer + ": " + row.step);
  return all;
}

/// The whole of a program, bound.
plan::Binding<float> bind_whole(const ModeProgram<float>& mode, const std::vector<Shape>& inputs,
                                const std::vector<Shape>& targets, Index capacity) {
  plan::Part<float> part;
  const auto& program = *mode.program;
  for (std::size_t i = 0; i < program.steps.size(); ++i) part.steps.push_back(static_cast<Index>(i));
  part.feeds = program.inputs;
  part.feeds.insert(part.feeds.end(), program.targets.begin(), program.targets.end());
  part.shapes = inputs;
  part.shapes.insert(part.shapes.end(), targets.begin(), targets.end());
  part.fetch = program.outputs;
  part.backward = !program.learning.empty();
  return plan::Binding<float>(mode.program, part, capacity);
}

}  // namespace

TEST_CASE("blocks that are alive at the same time never overlap", "[plan][arena]") {
  const RandomStream random(5);
  for (std::uint64_t round = 0; round < 200; ++round) {
    std::vector<plan::Block> blocks(1 + random.below(4 * round, 40));
    Index sum = 0;
    for (std::size_t i = 0; i < blocks.size(); ++i) {
      const auto draw = [&](std::uint64_t which, std::uint64_t n) {
        return static_cast<Index>(random.below(1000 * round + 10 * i + which, n));
      };
      blocks[i].bytes = 64 * (1 + draw(1, 20));
      blocks[i].from = draw(2, 30);
      blocks[i].to = blocks[i].from + draw(3, 10);
      sum += blocks[i].bytes;
    }
    const Index total = plan::place_by_lifetime(blocks);
    Index most_alive = 0;
    for (Index time = 0; time < 40; ++time) {
      Index alive = 0;
      for (const auto& block : blocks) alive += block.from <= time && time <= block.to ? block.bytes : 0;
      most_alive = std::max(most_alive, alive);
    }
    bool apart = true;
    for (std::size_t i = 0; i < blocks.size(); ++i) {
      apart =
          apart && blocks[i].offset >= 0 && blocks[i].offset + blocks[i].bytes <= total && blocks[i].offset % 64 == 0;
      for (std::size_t j = 0; j < i; ++j)
        apart = apart && !(blocks[i].meets(blocks[j]) && blocks[i].offset < blocks[j].offset + blocks[j].bytes &&
                           blocks[j].offset < blocks[i].offset + blocks[i].bytes);
    }
    CHECK(apart);
    CHECK(total >= most_alive);
    CHECK(total <= sum);
  }
}

TEST_CASE("a bound network's blocks do not overlap either, and its arena is smaller than their sum", "[plan][arena]") {
  const auto model = small_net();
  const auto mode = lower_network(model.network(), {.loss = "categorical_crossentropy"}, true, {});
  const auto binding = bind_whole(mode, {{4, 8, 8, 3}}, {{4, 3}}, 4);
  const auto& blocks = binding.blocks();
  for (std::size_t i = 0; i < blocks.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (blocks[i].meets(blocks[j]))
        CHECK((blocks[i].offset >= blocks[j].offset + blocks[j].bytes ||
               blocks[j].offset >= blocks[i].offset + blocks[i].bytes));
  CHECK(binding.bytes() < binding.unshared_bytes());
}

TEST_CASE("inference needs far less memory than training, and its chunks are chosen to fit", "[plan][arena]") {
  const auto model = small_net();
  const auto train = lower_network(model.network(), {.loss = "categorical_crossentropy"}, true, {});
  const auto eval = lower_network(model.network(), {}, false, {});
  const auto forward = bind_whole(eval, {{32, 8, 8, 3}}, {}, 32);
  CHECK(forward.bytes() < bind_whole(train, {{32, 8, 8, 3}}, {{32, 3}}, 32).bytes());
  const Index one = bind_whole(eval, {{1, 8, 8, 3}}, {}, 1).bytes();
  CHECK(plan::choose_chunk(eval.program, forward.part(), 32, forward.bytes()) == 32);
  CHECK(plan::choose_chunk(eval.program, forward.part(), 32, one) == 1);
  CHECK(plan::choose_chunk(eval.program, forward.part(), 32, 0) == 1);
  const Index some = plan::choose_chunk(eval.program, forward.part(), 32, forward.bytes() / 3);
  CHECK(some >= 1);
  CHECK(some < 32);
  CHECK(bind_whole(eval, {{1, 8, 8, 3}}, {}, some).bytes() <= forward.bytes() / 3);
}

TEST_CASE("an image that is too small for the network is refused by the layer's name", "[plan][errors]") {
  const Sequential model(
      {Input({None, None, 3}), layers::Conv2D(4, 3, {.name = "c1"}), layers::Conv2D(4, 5, {.name = "c2"})});
  CHECK(model.predict(F({1, 7, 7, 3})).shape() == Shape{1, 1, 1, 4});
  CHECK_THROWS_AS(model.predict(F({1, 6, 9, 3})), ShapeError);
  CHECK_THROWS_WITH(model.predict(F({1, 6, 9, 3})), ContainsSubstring("Layer 'c2': its output would be empty"));
}

TEST_CASE("plan() without numbers has question marks", "[plan][print]") {
  const auto model = small_net();
  model.compile({.loss = "categorical_crossentropy"});
  CHECK(printed(model.plan()) == R"(Plan of 'small', training, batch ?
layer    step                      output           work  backward  kept  features
conv1    conv2d + bias + relu      (None, 8, 8, 4)  ?     learns 2  ?     -
pool     max_pooling2d             (None, 4, 4, 4)  ?     gradient  ?     -
conv2    conv2d                    (None, 2, 2, 5)  ?     learns 1  ?     -
bn       batch_normalization       (None, 2, 2, 5)  ?     learns 2  ?     -
dropout  dropout                   (None, 20)       ?     gradient  ?     -
classes  dense + bias              (None, 3)        ?     learns 2  ?     -
classes  softmax                   (None, 3)        ?     -         ?     -
loss     categorical_crossentropy  (None,)          ?     gradient  ?     -
7 variables learn (365 numbers); memory for a batch ?; in evaluation 0 steps are frozen.
)");
}

TEST_CASE("plan() with a data set says what fit() will do", "[plan][print]") {
  const auto model = small_net();
  for (auto& layer : model.layers(0, 4)) layer.trainable = false;
  model.compile({.loss = "categorical_crossentropy"});
  const auto data = Dataset<>::from_tensors(F({10, 8, 8, 3}), F({10, 3}));
  const Plan plan = model.plan({.dataset = data, .batch_size = 4});
  const std::string text = printed(plan);
  CHECK(text.substr(0, text.find("; memory")) == R"(Plan of 'small', training, batch 4
layer    step                           output        work      backward  kept   features
conv1    conv2d + bias + relu           (4, 8, 8, 4)  0.0138 M  -         -      -
pool     max_pooling2d                  (4, 4, 4, 4)  -         -         -      2.5 KB
conv2    conv2d + moving_normalization  (4, 2, 2, 5)  0.0014 M  -         -      800 B
---- boundary: the 3 steps above are frozen and computed once per sample
dropout  dropout                        (4, 20)       -         -         320 B  -
classes  dense + bias                   (4, 3)        0.0001 M  learns 2  48 B   -
classes  softmax                        (4, 3)        -         -         -      -
loss     categorical_crossentropy       (4,)          -         gradient  -      -
2 variables learn (63 numbers))");
  // The arena depends on the tiles of the processor.
  CHECK(plan.arena_bytes > 0);
  CHECK(plan.unshared_bytes > plan.arena_bytes);
  CHECK_THAT(text, EndsWith("without sharing); in evaluation 3 steps are frozen.\n"));
}

TEST_CASE("the plan says where the boundary lies and what learns", "[plan]") {
  const auto model = small_net();
  const auto plan = [&] {
    model.compile({.loss = "categorical_crossentropy"});
    return model.plan();
  };
  CHECK(plan().prefix_steps == 0);
  CHECK(plan().learning == 2 + 1 + 2 + 2);
  model.layer("conv1").trainable = false;
  CHECK(plan().prefix_steps == 2);  // the convolution and its pool
  CHECK(plan().evaluation_prefix_steps == 2);
  CHECK_FALSE(plan().rows[1].backward);
  CHECK(plan().rows[2].learns == 1);
  model.layer("conv2").trainable = false;
  CHECK(plan().prefix_steps == 3);  // batch normalization mixes samples while it learns
  model.layer("bn").trainable = false;
  CHECK(plan().prefix_steps == 3);             // now it is folded into the convolution; dropout ends the prefix
  CHECK(plan().evaluation_prefix_steps == 3);  // the flattening is no step
  model.layer("classes").trainable = false;
  CHECK(plan().learning == 0);
  CHECK(plan().evaluation_prefix_steps == 5);  // all of it: product and softmax too
}

TEST_CASE("nothing is fused across the boundary or into what somebody reads", "[plan]") {
  utils::set_random_seed(3);
  const auto x = Input({6, 6, 2}, {.name = "image"});
  const layers::Conv2D conv(3, 3, {.name = "conv"});
  const layers::BatchNormalization bn({.name = "bn"});
  const auto y = conv(x);
  const Model model(x, layers::Flatten({.name = "flat"})(layers::Add({.name = "sum"})({bn(y), y})));
  model.trainable = false;
  model.compile({.loss = "mse"});
  // The sum reads the convolution's own result, so the normalization stays a step.
  CHECK_THAT(kinds(model.plan()), Catch::Matchers::VectorContains(std::string("bn: moving_normalization")));
  CHECK_THAT(kinds(model.plan()), Catch::Matchers::VectorContains(std::string("conv: conv2d + bias")));
  bn.trainable = true;
  model.trainable = true;
  conv.trainable = false;
  model.compile({.loss = "mse"});
  CHECK(model.plan().prefix_steps == 1);
}

TEST_CASE("a layer of the user's own ends the prefix unless it says that rows are independent", "[plan]") {
  const bool pure = GENERATE(false, true);
  utils::set_random_seed(3);
  const Sequential model({Input({4}), layers::Dense(3, {.name = "a", .trainable = false}), Twice(pure),
                          layers::Dense(3, {.name = "b", .trainable = false}), layers::Dense(1, {.name = "c"})});
  model.compile({.loss = "mse"});
  CHECK(model.plan().prefix_steps == (pure ? 3 : 1));
  // And it gets whole batches, also where graft would have computed in pieces.
  Twice::largest = 0;
  model.predict(F({300, 4}), {.batch_size = 300});
  if (!pure) CHECK(Twice::largest == 300);
}

TEST_CASE("packed weights exist once for all executors and follow the version", "[plan][packed]") {
  const auto model = small_net();
  const auto eval = lower_network(model.network(), {}, false, {});
  const auto& op = *eval.program->steps[0].op;
  const auto variables = op.variables();
  plan::PackedStore<float> store;
  const auto first = store.get(op, variables, Direction::forward, nullptr);
  CHECK(store.get(op, variables, Direction::forward, nullptr) == first);
  const Buffer<std::byte> before = *first;
  model.layer("conv1").set_weights({random_tensor<float>({3, 3, 3, 4}, 9), F({4})});
  const auto second = store.get(op, variables, Direction::forward, nullptr);
  CHECK(second != first);  // somebody still computes with the old one
  CHECK(std::memcmp(first->data(), before.data(), to_size(before.size())) == 0);
  CHECK(std::memcmp(first->data(), second->data(), to_size(before.size())) != 0);
  model.layer("conv1").set_weights({random_tensor<float>({3, 3, 3, 4}, 10), F({4})});
  const auto* address = second->data();
  CHECK(store.get(op, variables, Direction::forward, std::move(const_cast<plan::PackedStore<float>::Bytes&>(second)))
            ->data() == address);
}

TEST_CASE("an executor serves a smaller batch from the same memory", "[plan][executor]") {
  const auto model = small_net();
  const auto mode = lower_network(model.network(), {}, false, {});
  plan::Executor<float> executor(bind_whole(mode, {{5, 8, 8, 3}}, {}, 5), std::make_shared<plan::PackedStore<float>>());
  const auto x = random_tensor<float>({5, 8, 8, 3}, 1);
  const auto run = [&](Index n) {
    const auto in = executor.value(mode.program->inputs[0], n);
    std::copy_n(x.data(), in.size(), in.data);
    executor.forward(n, {});
    return F(View<const float>(executor.value(mode.program->outputs[0], n)));
  };
  const F all = run(5), two = run(2);
  CHECK(two.shape() == Shape{2, 3});
  CHECK(same_bits(two, all.slice(0, 2)));
  CHECK(same_bits(run(5), all));
}

TEST_CASE("packed weights that no executor holds can be released", "[plan][packed]") {
  const auto model = small_net();
  const auto eval = lower_network(model.network(), {}, false, {});
  plan::PackedStore<float> store;
  std::weak_ptr<Buffer<std::byte>> unused;
  const auto& op = *eval.program->steps[0].op;
  const auto held = store.get(op, op.variables(), Direction::forward, nullptr);
  unused = store.get(op, op.variables(), Direction::backward, nullptr);
  CHECK_FALSE(unused.expired());
  store.release_unused();
  CHECK(unused.expired());
  CHECK(store.get(op, op.variables(), Direction::forward, nullptr) == held);
}

TEST_CASE("an executor between runs leaves its packed weights to be filled again in place", "[plan][packed]") {
  const auto model = small_net();
  const auto mode = lower_network(model.network(), {}, false, {});
  const auto binding = bind_whole(mode, {{4, 8, 8, 3}}, {}, 4);
  const auto store = std::make_shared<plan::PackedStore<float>>();
  plan::Executor<float> first(binding, store), second(binding, store);
  const auto x = random_tensor<float>({4, 8, 8, 3}, 1);
  const auto run = [&](plan::Executor<float>& executor) {
    std::copy_n(x.data(), x.size(), executor.value(mode.program->inputs[0], 4).data);
    executor.forward(4, {});
    return F(View<const float>(executor.value(mode.program->outputs[0], 4)));
  };
  const auto& op = *mode.program->steps[0].op;
  const auto address = [&] { return store->get(op, op.variables(), Direction::forward, nullptr)->data(); };
  const F before = run(first);
  const auto* packed = address();
  first.release_packed();
  model.layer("conv1").set_weights({random_tensor<float>({3, 3, 3, 4}, 9), F({4})});
  const F after = run(second);
  CHECK(address() == packed);
  CHECK_FALSE(same_bits(after, before));
  second.release_packed();
  CHECK(same_bits(run(first), after));
  CHECK(address() == packed);
}

TEST_CASE("executors wait for their next run and are outdated by another number of threads", "[plan][executor]") {
  const auto model = small_net();
  const auto mode = lower_network(model.network(), {}, false, {});
  const auto part = bind_whole(mode, {{4, 8, 8, 3}}, {}, 4).part();
  plan::ExecutorPool<float> pool(std::make_shared<plan::PackedStore<float>>());
  auto first = pool.take(mode.program, part, 4);
  const auto* address = first.get();
  pool.give(std::move(first));
  auto second = pool.take(mode.program, part, 4);
  CHECK(second.get() == address);
  const auto third = pool.take(mode.program, part, 4);  // while the second one runs
  CHECK(third.get() != address);
  const Index threads = thread_pool().threads();
  pool.give(std::move(second));
  set_num_threads(threads + 1);
  CHECK(pool.take(mode.program, part, 4)->is_current());
  set_num_threads(threads);
}

TEST_CASE("the store keeps what it has room for and drops what two rounds did not use", "[plan][features]") {
  plan::FeatureStore<float> store;
  const plan::FeatureCacheOptions options{.memory_limit = 1000, .file_limit = 0};
  CHECK(store.find(1) == nullptr);
  CHECK(store.add(1, {10, 10}, options, false) != nullptr);  // 400 bytes
  CHECK(store.add(2, {10, 10}, options, true) != nullptr);
  CHECK(store.add(3, {10, 10}, options, true) == nullptr);
  CHECK(store.used(false) == 800);
  store.next_round();
  CHECK(store.find(2) != nullptr);
  CHECK(store.add(3, {10, 10}, options, true) == nullptr);  // used in the round before: kept
  store.next_round();
  CHECK(store.add(4, {10, 10}, options, false) == nullptr);  // pushes nothing out
  CHECK(store.add(3, {10, 10}, options, true) != nullptr);
  CHECK(store.find(1) == nullptr);
  CHECK(store.find(2) != nullptr);
  store.remove(2);
  CHECK(store.find(2) == nullptr);
  store.clear();
  CHECK(store.used(false) == 0);
}

TEST_CASE("features in a file leave no file behind", "[plan][features]") {
  const TemporaryFolder folder;
  plan::FeatureStore<float> store;
  const auto rows = store.add(1, {100, 10}, {.memory_limit = 0, .folder = folder.path().string()}, true);
  REQUIRE(rows != nullptr);
  CHECK(rows->in_file());
  CHECK(store.used(true) == 4000);
  CHECK(std::filesystem::is_empty(folder.path()));
  rows->row(99)[9] = 5;
  CHECK(rows->row(99)[9] == 5);
  CHECK(rows->row(0)[0] == 0);
  CHECK_FALSE(plan::ScratchFile::create((folder / "missing").string(), 64).has_value());
  CHECK_FALSE(plan::ScratchFile::create(folder.path().string(), Index{1} << 60).has_value());  // no disk has that room
}

TEST_CASE("a value's key changes with everything its bits depend on", "[plan][keys]") {
  const auto keys = [](const Model<>& model, std::uint64_t data) {
    const auto eval = lower_network(model.network(), {}, false, {});
    const auto all = plan::value_keys(*eval.program, data);
    return all[to_size(eval.program->root(eval.program->outputs[0]))];
  };
  const auto model = small_net();
  const auto key = keys(model, 1);
  CHECK(key != 0);
  CHECK(keys(model, 1) == key);
  CHECK(keys(model, 2) != key);
  model.layer("classes").weights()[1].update([](View<float> b) { b.data[0] += 1; });
  CHECK(keys(model, 1) != key);
  CHECK(keys(small_net(), 1) != key);  // equal bytes in other variables
}
