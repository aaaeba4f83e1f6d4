#include <graft/layers/batch_normalization.hpp>
#include <graft/layers/conv2d.hpp>
#include <graft/layers/dense.hpp>
#include <graft/layers/dropout.hpp>
#include <graft/layers/flatten.hpp>
#include <graft/layers/max_pooling2d.hpp>
#include <graft/plan/keys.hpp>

#include "support/catch.hpp"
#include "support/numeric.hpp"

using namespace graft;

namespace {

/// Convolution, pooling, convolution, flatten, dropout, head.
struct SmallNetwork {
  layers::Conv2D<float> first{4, 3, {.activation = "relu", .name = "first"}}, second{3, 3, {.name = "second"}};
  layers::MaxPooling2D<float> pool;
  layers::Flatten<float> flatten;
  layers::Dropout<float> dropout{0.5};
  layers::Dense<float> head{2, {.activation = "softmax", .name = "head"}};

  SmallNetwork() { program(false); }  // builds the layers

  std::shared_ptr<plan::Program<float>> program(bool training, plan::VariableIds changed = {}) const {
    auto p = std::make_shared<plan::Program<float>>(training, std::move(changed));
    std::vector<ValueId> x{p->input({None, 10, 10, 2})};
    for (const Layer<float>* layer :
         std::initializer_list<const Layer<float>*>{&first, &pool, &second, &flatten, &dropout, &head}) {
      layer->ensure_built(std::vector<Shape>{p->shape(x[0])});
      x = p->call(*layer, x);
    }
    if (training) p->seeds = x;
    plan::finish(*p, x);
    return p;
  }
};

std::vector<std::string> kinds(const plan::Program<float>& program) {
  std::vector<std::string> all;
  for (const auto& step : program.steps) {
    all.push_back(step.op->kind());
    for (const auto& fused : step.fused) all.back() += "+" + fused;
  }
  return all;
}
std::vector<bool> backward(const plan::Program<float>& program) {
  std::vector<bool> all;
  for (const auto& step : program.steps) all.push_back(step.backward);
  return all;
}

}  // namespace

TEST_CASE("Bias and activation are fused, aliases emit nothing, dropout acts in training only", "[plan][passes]") {
  const SmallNetwork network;
  CHECK(kinds(*network.program(true)) == std::vector<std::string>{"conv2d+bias+relu", "max_pooling2d", "conv2d+bias",
                                                                  "dropout", "dense+bias", "softmax"});
  CHECK(kinds(*network.program(false)) ==
        std::vector<std::string>{"conv2d+bias+relu", "max_pooling2d", "conv2d+bias", "dense+bias", "softmax"});
}

TEST_CASE("Everything learns: no prefix, and the first step gives no gradient to the data", "[plan][passes]") {
  const auto program = SmallNetwork().program(true);
  CHECK(program->prefix_steps == 0);
  CHECK(program->learning.size() == 6);
  CHECK(backward(*program) == std::vector<bool>(6, true));
  CHECK(program->steps[0].dx == std::vector<bool>{false});
  CHECK(program->steps[1].dx == std::vector<bool>{true});
}

TEST_CASE("A frozen trunk is the prefix, and nothing below the lowest learning step runs backward", "[plan][passes]") {
  SmallNetwork network;
  network.first.trainable = network.second.trainable = false;
  const auto program = network.program(true);
  CHECK(program->prefix_steps == 3);  // dropout is random
  CHECK(program->learning.size() == 2);
  CHECK(backward(*program) == std::vector<bool>{false, false, false, false, true, true});
  REQUIRE(program->cut.size() == 1);
  CHECK(program->cut[0] == program->root(program->steps[2].out));
  CHECK(program->steps[4].dx == std::vector<bool>{false});
  // The pool's output is the place that a lower boundary would start from.
  CHECK(program->root_value(program->steps[1].out).keep);
  CHECK_FALSE(program->root_value(program->steps[0].out).keep);
}

TEST_CASE("The prefix ends at the lowest learning layer, in evaluation too", "[plan][passes]") {
  SmallNetwork network;
  network.first.trainable = false;
  const auto training = network.program(true);
  CHECK(training->prefix_steps == 2);
  CHECK(network.program(false, training->changing)->prefix_steps == 2);
  CHECK(network.program(false)->prefix_steps == 5);
}

TEST_CASE("Keys follow the steps, their variables' versions and the data, not the boundary", "[plan][keys]") {
  SmallNetwork network;
  network.first.trainable = network.second.trainable = false;
  const auto key_of = [&](Index step, std::uint64_t data = 1) {
    const auto program = network.program(true);
    return plan::value_keys(*program, data)[to_size(program->root(program->steps[to_size(step)].out))];
  };
  const auto first = key_of(0), second = key_of(2);
  CHECK(first != 0);
  CHECK(key_of(4) == 0);  // not in the prefix
  CHECK(key_of(0) == first);
  CHECK(key_of(0, 2) != first);
  network.second.trainable = true;
  CHECK(key_of(0) == first);
  network.second.trainable = false;
  CHECK(key_of(2) == second);
  network.second.bias()->assign(Tensor<float>({3}, {1, 2, 3}));
  CHECK(key_of(0) == first);
  CHECK(key_of(2) != second);
}

TEST_CASE("A frozen convolution on augmented images, which is no prefix, takes its maximum too", "[plan][passes]") {
  const layers::Dropout<float> random(0.5);
  const layers::Conv2D<float> conv(16, 3, {.padding = "same", .trainable = false});
  const layers::MaxPooling2D<float> pool;
  const layers::Dense<float> head(2);
  plan::Program<float> program(true);
  std::vector<ValueId> x{program.input({None, 8, 8, 16})};
  for (const Layer<float>* layer : std::initializer_list<const Layer<float>*>{&random, &conv, &pool, &head}) {
    layer->ensure_built(std::vector<Shape>{program.shape(x[0])});
    x = program.call(*layer, x);
  }
  program.seeds = x;
  plan::finish(program, x);
  CHECK(program.prefix_steps == 0);
  CHECK(kinds(program) == std::vector<std::string>{"dropout", "conv2d+bias+max_pooling2d", "dense+bias"});
  CHECK(backward(program) == std::vector<bool>{false, false, true});
}

TEST_CASE("A maximum over windows is fused where nothing runs backward, and packs the same kernel", "[plan][passes]") {
  const layers::Conv2D<float> conv(16, 3, {.padding = "same", .activation = "relu"});
  const layers::MaxPooling2D<float> halves, thirds(3);
  const layers::Dense<float> head(2);
  const auto program = [&](bool training, const Layer<float>& pool) {
    auto p = std::make_shared<plan::Program<float>>(training);
    std::vector<ValueId> x{p->input({None, 9, 9, 16})};
    for (const Layer<float>* layer : std::initializer_list<const Layer<float>*>{&conv, &pool, &head}) {
      layer->ensure_built(std::vector<Shape>{p->shape(x[0])});
      x = p->call(*layer, x);
    }
    if (training) p->seeds = x;
    plan::finish(*p, x);
    return p;
  };
  const auto whole = "conv2d+bias+relu+max_pooling2d", product = "conv2d+bias+relu";
  CHECK(kinds(*program(false, halves))[0] == whole);
  CHECK(kinds(*program(false, thirds))[0] == product);
  CHECK(kinds(*program(true, halves))[0] == product);
  const auto inference = program(false, halves), training = program(true, halves);
  const auto &fused = *inference->steps[0].op, &plain = *training->steps[0].op;
  CHECK(fused.packing() == plain.packing());
  CHECK(fused.attributes() != plain.attributes());
  const Shape input{4, 9, 9, 16}, pooled{4, 4, 4, 16};
  CHECK(fused.shape(std::span(&input, 1)) == pooled);
  CHECK(fused.flops(std::span(&input, 1), pooled) == 2.0 * 9 * 16 * 4 * 9 * 9 * 16);
  conv.trainable = false;
  const auto frozen = program(true, halves);
  CHECK(kinds(*frozen)[0] == whole);
  CHECK(frozen->steps[0].slot == std::vector<Index>{-1, -1});
  CHECK(frozen->root_value(frozen->steps[0].out).keep);
}

TEST_CASE("A step nobody reads is dropped, unless it moves statistics", "[plan][passes]") {
  const layers::Dense<float> unread(3), read(2);
  const layers::BatchNormalization<float> moving;
  for (const Layer<float>* layer : std::initializer_list<const Layer<float>*>{&unread, &read, &moving})
    layer->ensure_built(std::vector<Shape>{{None, 4}});
  plan::Program<float> program(true);
  const ValueId input = program.input({None, 4});
  program.call(unread, {input});
  program.call(moving, {input});
  plan::finish(program, program.call(read, {input}));
  CHECK(kinds(program) == std::vector<std::string>{"batch_normalization", "dense+bias"});
}

TEST_CASE("A value that is read twice is not fused away", "[plan][passes]") {
  const layers::Dense<float> dense(4, {.activation = "relu"});
  dense.ensure_built(std::vector<Shape>{{None, 4}});
  plan::Program<float> program(false);
  const ValueId product = program.step<steps::Dense<float>>({program.input({None, 4})}, dense.kernel());
  const ValueId biased = program.step<steps::Bias<float>>({product}, *dense.bias());
  const ValueId relu = lower_activation(program, biased, "relu");
  plan::finish(program, {relu, biased});
  CHECK(kinds(program) == std::vector<std::string>{"dense+bias", "relu"});
}

TEST_CASE("A trainable layer below a frozen parent is told about", "[plan][passes]") {
  struct Parent final : Operation<float> {
    const layers::Dense<float>& inner;
    std::string label = "parent";
    explicit Parent(const layers::Dense<float>& d) : inner(d) {}
    const std::string& name() const override { return label; }
    const void* id() const override { return this; }
    bool enabled() const override { return false; }
    std::vector<Shape> compute_output_shapes(std::span<const Shape> in) const override { return {in[0].with_back(2)}; }
    std::vector<ValueId> lower(Builder<float>& b, const std::vector<ValueId>& in) const override {
      return b.call(inner, in);
    }
  };
  const layers::Dense<float> inner(2, {.name = "inner"});
  inner.ensure_built(std::vector<Shape>{{None, 2}});
  plan::Program<float> program(true);
  const auto nested = program.call(Parent(inner), {program.input({None, 2})});
  plan::finish(program, nested);
  CHECK(program.learning.empty());
  CHECK(program.notes == std::vector<std::string>{"inner: trainable, but its parent 'parent' is frozen"});

  plan::Program<float> both(true);
  const ValueId input = both.input({None, 2});
  both.seeds = {both.call(inner, both.call(Parent(inner), {input}))[0]};
  plan::finish(both, both.seeds);
  CHECK(both.notes.empty());  // one path is on throughout, so it learns in every call
  CHECK(both.learning.size() == 2);
  CHECK(both.steps[0].learns());
}
