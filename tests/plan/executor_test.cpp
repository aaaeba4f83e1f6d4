#include <graft/layers/activation.hpp>
#include <graft/layers/add.hpp>
#include <graft/layers/dense.hpp>
#include <graft/plan/executors.hpp>

#include "support/catch.hpp"
#include "support/numeric.hpp"

using namespace graft;

namespace {

plan::Part<double> whole(const plan::Program<double>& program, const std::vector<Shape>& shapes) {
  plan::Part<double> part;
  for (std::size_t i = 0; i < program.steps.size(); ++i) part.steps.push_back(static_cast<Index>(i));
  part.feeds = program.inputs;
  part.shapes = shapes;
  part.fetch = program.outputs;
  return part;
}

/// x -> tanh Dense -> Dense, wide enough that memory is shared.
struct Chain {
  layers::Dense<double> first{20, {.activation = "tanh"}}, second{20, {.activation = "tanh"}}, third{2};
  std::shared_ptr<plan::Program<double>> program;

  explicit Chain(bool training) : program(std::make_shared<plan::Program<double>>(training)) {
    std::vector<ValueId> x{program->input({None, 20})};
    for (const auto* layer : {&first, &second, &third}) {
      layer->ensure_built(std::vector<Shape>{program->shape(x[0])});
      x = program->call(*layer, x);
    }
    if (training) program->seeds = x;
    plan::finish(*program, x);
  }
  plan::Binding<double> bind(Index capacity, bool backward) const {
    plan::Part<double> part = whole(*program, {{None, 20}});
    part.backward = backward;
    return {program, part, capacity};
  }
};

Tensor<double> run(plan::Executor<double>& executor, const Tensor<double>& x) {
  const Index n = x.shape()[0];
  const auto& part = executor.binding().part();
  std::copy_n(x.data(), x.size(), executor.value(part.feeds[0], n).data);
  executor.forward(n, {});
  return Tensor<double>(View<const double>(executor.value(part.fetch[0], n)));
}

}  // namespace

TEST_CASE("Values whose lives do not meet share memory; backward keeps what it needs", "[plan][binding]") {
  const Chain inference(false), training(true);
  const auto forward = inference.bind(8, false), both = training.bind(8, true);
  CHECK(forward.bytes() < forward.unshared_bytes());
  CHECK(both.bytes() > forward.bytes());
  CHECK(forward.kept_bytes(0) == 0);
  CHECK(both.kept_bytes(0) == 8 * 20 * 8);  // tanh's output: 8 samples, 20 numbers, 8 bytes
  CHECK(both.shape(training.program->outputs[0]) == Shape{8, 2});
}

TEST_CASE("A smaller batch reuses the memory and gives the same bits", "[plan][executor]") {
  const Chain chain(false);
  plan::Executor<double> executor(chain.bind(8, false), std::make_shared<plan::PackedStore<double>>());
  executor.set_poison(true);
  const auto x = random_tensor<double>({8, 20}, 1);
  const auto y = run(executor, x);
  CHECK(same_bits(run(executor, x.slice(2, 5)), y.slice(2, 5)));
  CHECK(same_bits(run(executor, x), y));
}

TEST_CASE("Steps on large images run sample by sample: less memory, the same bits", "[plan][executor]") {
  // first -> second -> third; what the first reads and the last one writes holds all samples. The second is the only
  // large one, or all are; a value is read inside and outside.
  const Index limit = GENERATE(100, 45 * 8, 79 * 8);
  const bool skip = GENERATE(false, true);
  const layers::Dense<double> first(40, {.activation = "tanh"}), second(40, {.activation = "tanh"}), third(40);
  const layers::Add<double> add;
  auto program = std::make_shared<plan::Program<double>>(false);
  std::vector<ValueId> x{program->input({None, 4})};
  for (const auto* layer : {&first, &second, &third}) {
    layer->ensure_built(std::vector<Shape>{program->shape(x.back())});
    x.push_back(program->call(*layer, {x.back()})[0]);
  }
  plan::finish(*program, skip ? program->call(add, {x[3], x[1]}) : std::vector<ValueId>{x[3]});
  plan::Part<double> part = whole(*program, {{None, 4}});
  part.single_bytes = 1 << 20;
  plan::Executor<double> together({program, part, 6}, std::make_shared<plan::PackedStore<double>>());
  CHECK(together.binding().single().end == 0);
  part.single_bytes = limit;
  plan::Executor<double> single({program, part, 6}, std::make_shared<plan::PackedStore<double>>());
  single.set_poison(true);
  const auto& range = single.binding().single();
  CHECK(range.begin == (limit > 44 * 8 ? 1 : 0));
  CHECK(range.end == 3 + skip);
  CHECK(single.binding().bytes() < together.binding().bytes());
  for (const Index n : {6, 1, 5}) {
    const auto data = random_tensor<double>({n, 4}, 1);
    CHECK(same_bits(run(single, data), run(together, data)));
  }
}

TEST_CASE("A step that is random, learns or hears from other samples does not run sample by sample",
          "[plan][executor]") {
  const Chain training(true);
  plan::Part<double> part = whole(*training.program, {{None, 20}});
  part.single_bytes = 0;
  CHECK(plan::Binding<double>(training.program, part, 4).single().end == 3);
  part.backward = true;
  CHECK(plan::Binding<double>(training.program, part, 4).single().end == 0);
  training.first.trainable = false;
  const Chain frozen = training;
  auto program = std::make_shared<plan::Program<double>>(true);
  std::vector<ValueId> x{program->input({None, 20})};
  for (const auto* layer : {&frozen.first, &frozen.second}) x = program->call(*layer, x);
  program->seeds = x;
  plan::finish(*program, x);
  part.fetch = program->outputs;
  part.feeds = program->inputs;
  part.steps.pop_back();
  const plan::Binding<double> binding(program, part, 4);
  CHECK(binding.single().begin == 0);
  CHECK(binding.single().end == 1);
}

TEST_CASE("An executor sees weights that were written, and nothing else is packed again", "[plan][executor]") {
  const Chain chain(false);
  auto packed = std::make_shared<plan::PackedStore<double>>();
  plan::Executor<double> executor(chain.bind(4, false), packed), other(chain.bind(4, false), packed);
  const auto x = random_tensor<double>({4, 20}, 1);
  const auto before = run(executor, x);
  CHECK(same_bits(run(other, x), before));
  const auto kernel = chain.third.kernel().value();
  chain.third.kernel().update([](View<double> w) { w.data[0] += 1; });
  const auto after = run(executor, x);
  CHECK_FALSE(same_bits(after, before));
  CHECK(same_bits(run(other, x), after));
  chain.third.kernel().assign(kernel);
  CHECK(same_bits(run(executor, x), before));
}

TEST_CASE("A value with several readers gets the sum of their gradients", "[plan][executor]") {
  // y = d + tanh(d) + d with d = x w: dy/dd = 2 + 1 - tanh^2
  const layers::Dense<double> dense(1, {.use_bias = false});
  dense.ensure_built(std::vector<Shape>{{None, 1}});
  dense.kernel().assign(Tensor<double>({1, 1}, {0.5}));
  auto program = std::make_shared<plan::Program<double>>(true);
  const ValueId d = program->call(dense, {program->input({None, 1})})[0];
  const ValueId t = program->call(layers::Activation<double>("tanh"), {d})[0];
  program->seeds = program->call(layers::Add<double>(), {d, t, d});
  plan::finish(*program, program->seeds);
  plan::Part<double> part = whole(*program, {{None, 1}});
  part.backward = true;
  plan::Executor<double> executor(plan::Binding<double>(program, part, 1),
                                  std::make_shared<plan::PackedStore<double>>());
  executor.set_poison(true);
  run(executor, Tensor<double>({1, 1}, {3}));
  executor.gradient(program->seeds[0], 1).data[0] = 1;
  executor.backward(1, {});
  const double tanh = std::tanh(1.5);
  CHECK_THAT(executor.gradients()[0].data()[0], WithinRel(3 * (3 - tanh * tanh), 1e-14));  // a few roundings
}

TEST_CASE("Executors are taken again for the same part and capacity only", "[plan][executor]") {
  const Chain chain(false);
  plan::ExecutorPool<double> pool(std::make_shared<plan::PackedStore<double>>());
  const auto part = whole(*chain.program, {{None, 20}});
  auto first = pool.take(chain.program, part, 4);
  const auto* address = first.get();
  pool.give(std::move(first));
  auto larger = pool.take(chain.program, part, 8);
  CHECK(larger.get() != address);
  auto again = pool.take(chain.program, part, 4);
  CHECK(again.get() == address);
  pool.give(std::move(again));
  pool.clear();
  CHECK(pool.take(chain.program, part, 4)->binding().capacity() == 4);
}

TEST_CASE("Waiting executors take no more memory than allowed, the last one apart", "[plan][executor]") {
  const Chain chain(false);
  const auto part = whole(*chain.program, {{None, 20}});
  const std::shared_ptr<const plan::Program<double>> program = chain.program;
  const Index bytes = plan::Binding<double>(program, part, 4).bytes();
  const Index room = GENERATE(0, 1, 2);
  plan::ExecutorPool<double> pool(std::make_shared<plan::PackedStore<double>>(), room * bytes);
  std::vector<std::unique_ptr<plan::Executor<double>>> taken;
  std::vector<const void*> given;
  for (int i = 0; i < 3; ++i) taken.push_back(pool.take(program, part, 4));
  for (auto& executor : taken) {
    given.push_back(executor.get());
    pool.give(std::move(executor));
  }
  const Index kept = std::max<Index>(room, 1);
  for (Index i = 0; i < kept; ++i) taken.push_back(pool.take(program, part, 4));
  for (Index i = 0; i < kept; ++i) CHECK(taken[to_size(3 + i)].get() == given[to_size(2 - i)]);
}

TEST_CASE("A chunk is as large as its memory allows, and at least one sample", "[plan][executor]") {
  const Chain chain(false);
  const auto part = whole(*chain.program, {{None, 20}});
  const std::shared_ptr<const plan::Program<double>> program = chain.program;
  const auto bytes = [&](Index n) { return plan::Binding<double>(program, part, n).bytes(); };
  CHECK(plan::choose_chunk(program, part, 64, bytes(64)) == 64);
  CHECK(plan::choose_chunk(program, part, 64, bytes(64) - 1) == 32);
  CHECK(plan::choose_chunk(program, part, 64, 1) == 1);
}
