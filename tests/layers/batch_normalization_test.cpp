#include <graft/layers/batch_normalization.hpp>
#include <graft/layers/conv2d.hpp>
#include <graft/testing/layer_battery.hpp>

#include "support/catch.hpp"
#include "support/numeric.hpp"

using namespace graft;

namespace {

const std::vector<std::string> no_faults;

/// Conv2D, then BatchNormalization, as one operation.
struct ConvolutionAndNormalization final : Operation<double> {
  layers::Conv2D<double> convolution{4, 3, {.padding = "same", .activation = "linear"}};
  layers::BatchNormalization<double> normalization;
  std::string label = "pair";

  const std::string& name() const override { return label; }
  const void* id() const override { return this; }
  std::vector<Shape> compute_output_shapes(std::span<const Shape> in) const override {
    return {normalization.compute_output_shape(convolution.compute_output_shape(in[0]))};
  }
  std::vector<ValueId> lower(Builder<double>& builder, const std::vector<ValueId>& in) const override {
    return builder.call(normalization, builder.call(convolution, in));
  }
  void build(const Tensor<double>& x) const {
    convolution(x);
    normalization(convolution(x));
    normalization.set_weights({random_tensor<double>({4}, 1, 0.5, 2), random_tensor<double>({4}, 2),
                               random_tensor<double>({4}, 3), random_tensor<double>({4}, 4, 0.5, 2)});
  }
  std::vector<std::string> steps(bool training) const {
    plan::Program<double> program(training);
    const auto out = program.call(*this, {program.input({None, 5, 6, 3})});
    plan::finish(program, out);
    std::vector<std::string> kinds;
    for (const auto& step : program.steps) {
      kinds.push_back(step.op->kind());
      for (const auto& fused : step.fused) kinds.back() += "+" + fused;
    }
    return kinds;
  }
};

}  // namespace

TEST_CASE("BatchNormalization passes the battery", "[layers][batch_normalization]") {
  const auto x = random_tensor<double>({4, 3, 5, 2}, 1, -2, 3);
  const auto battery = [&](const layers::BatchNormalizationOptions& options, Index trainable, Index channels) {
    return testing::layer_battery(layers::BatchNormalization<double>(options), {x},
                                  {.output = {4, 3, 5, 2},
                                   .trainable_weights = trainable,
                                   .non_trainable_weights = 2,
                                   .params = (trainable + 2) * channels,
                                   .mixes_samples = true});
  };
  CHECK(battery({}, 2, 2) == no_faults);
  CHECK(battery({.axis = 1, .momentum = 0.6, .epsilon = 0.1}, 2, 3) == no_faults);
  CHECK(battery({.axis = -2, .center = false}, 1, 5) == no_faults);
  CHECK(battery({.scale = false}, 1, 2) == no_faults);
  CHECK(battery({.center = false, .scale = false}, 0, 2) == no_faults);
}

TEST_CASE("BatchNormalization in float32 passes the battery", "[layers][batch_normalization]") {
  const auto x = random_tensor<float>({4, 3, 5, 20}, 1, -2, 3);
  CHECK(testing::layer_battery(layers::BatchNormalization<float>(), {x},
                               {.output = {4, 3, 5, 20},
                                .trainable_weights = 2,
                                .non_trainable_weights = 2,
                                .params = 80,
                                .mixes_samples = true}) == no_faults);
}

TEST_CASE("BatchNormalization in training gives mean 0 and deviation 1, and moves its statistics",
          "[layers][batch_normalization]") {
  const layers::BatchNormalization<double> layer({.momentum = 0.75, .epsilon = 0});
  const Tensor<double> x({2, 2}, {1, 10, 3, 30});
  const auto y = layer(x, {.training = true});
  CHECK(same_bits(y, Tensor<double>({2, 2}, {-1, -1, 1, 1})));
  // mean 2 and 20, biased variance 1 and 100; before: 0 and 1
  CHECK(same_bits(layer.moving_mean().value(), Tensor<double>({2}, {0.5, 5})));
  CHECK(same_bits(layer.moving_variance().value(), Tensor<double>({2}, {1, 25.75})));
  const auto kept = layer.get_weights();
  layer(x);
  for (std::size_t i = 0; i < kept.size(); ++i) CHECK(same_bits(layer.get_weights()[i], kept[i]));
}

TEST_CASE("A frozen BatchNormalization runs in inference mode and keeps its statistics",
          "[layers][batch_normalization]") {
  layers::BatchNormalization<double> layer;
  const auto x = random_tensor<double>({6, 3}, 1);
  const auto inference = layer(x);
  layer.trainable = false;
  const auto before = layer.get_weights();
  CHECK(same_bits(layer(x, {.training = true}), inference));
  for (std::size_t i = 0; i < before.size(); ++i) CHECK(same_bits(layer.get_weights()[i], before[i]));
  layer.trainable = true;
  CHECK(layer.trainable_weights().size() == 2);
  CHECK_FALSE(layer.moving_mean().trainable());
  CHECK_FALSE(same_bits(layer(x, {.training = true}), inference));
}

TEST_CASE("BatchNormalization is folded into a convolution where neither learns",
          "[layers][batch_normalization][plan]") {
  ConvolutionAndNormalization pair;
  const auto x = random_tensor<double>({2, 5, 6, 3}, 5);
  pair.build(x);
  CHECK(pair.steps(false) == std::vector<std::string>{"conv2d+bias+moving_normalization"});
  CHECK(pair.steps(true) == std::vector<std::string>{"conv2d+bias", "batch_normalization"});
  pair.normalization.trainable = false;
  CHECK(pair.steps(true) == std::vector<std::string>{"conv2d+bias", "moving_normalization"});
  pair.convolution.trainable = false;
  CHECK(pair.steps(true) == std::vector<std::string>{"conv2d+bias+moving_normalization"});

  const auto executor = detail::executor_of<double>(pair, std::vector<Shape>{x.shape()}, false, false);
  const auto& part = executor->binding().part();
  std::copy_n(x.data(), x.size(), executor->value(part.feeds[0], 2).data);
  executor->forward(2, {});
  const Tensor<double> folded(View<const double>(executor->value(part.fetch[0], 2)));
  // Folding rounds otherwise: 27 terms around 1.
  CHECK(relative_error(folded, pair.normalization(pair.convolution(x))) < 1e-14);
}

TEST_CASE("BatchNormalization along another axis than the last is not folded", "[layers][batch_normalization][plan]") {
  plan::Program<double> program(false);
  const layers::BatchNormalization<double> first({.axis = 1}), last({.axis = 3});
  first.ensure_built(std::vector<Shape>{{None, 5, 6, 3}});
  last.ensure_built(std::vector<Shape>{{None, 5, 6, 3}});
  const ValueId input = program.input({None, 5, 6, 3});
  program.call(first, {input});
  program.call(last, {input});
  CHECK_FALSE(program.steps[0].op->as_affine());
  CHECK(program.steps[1].op->as_affine());
  CHECK(program.steps[0].op->attributes() != program.steps[1].op->attributes());
}

TEST_CASE("BatchNormalization refuses options and inputs outside their rules", "[layers][batch_normalization]") {
  using Layer = layers::BatchNormalization<float>;
  CHECK_THROWS_MATCHES(Layer({.momentum = 1.5, .name = "b"}), ArgumentError,
                       Message("BatchNormalization 'b': momentum must lie in 0 .. 1, got 1.5."));
  CHECK_THROWS_MATCHES(Layer({.epsilon = -1, .name = "b"}), ArgumentError,
                       Message("BatchNormalization 'b': epsilon must not be negative, got -1."));
  CHECK_THROWS_MATCHES(
      Layer({.name = "b"}).compute_output_shape({None, 4, None}), ShapeError,
      Message("BatchNormalization 'b' needs to know axis -1 of its input, got (None, 4, None). Give Input() "
              "that axis."));
  CHECK_THROWS_MATCHES(Layer({.axis = 4, .name = "b"}).compute_output_shape({None, 4}), ShapeError,
                       Message("BatchNormalization 'b': its input (None, 4) has no axis 4."));
  CHECK_THROWS_MATCHES(
      Layer({.axis = 0, .name = "b"}).compute_output_shape({None, 4}), ShapeError,
      Message("BatchNormalization 'b': axis 0 of its input (None, 4) is the batch; another one is needed."));
  CHECK_THROWS_MATCHES(
      Layer({.name = "b"}).compute_output_shape({4}), ShapeError,
      Message("BatchNormalization 'b' expects (batch, .., channels), got (4,). The batch axis is missing."));
  const Layer layer({.name = "b"});
  layer(Tensor<float>({2, 4}));
  CHECK_THROWS_MATCHES(layer(Tensor<float>({2, 5})), ShapeError,
                       Message("BatchNormalization 'b' expects 4 channels on axis -1, got (2, 5)."));
  const saving::Json axes = saving::Json::parse(R"({"name": "b", "axis": [1, 2]})");
  saving::JsonConfigReader two(axes, "b");
  CHECK_THROWS_MATCHES(Layer::from_config(two), ArgumentError,
                       Message("BatchNormalization 'b': axis must be one axis, got 2. Put a Reshape before it that "
                               "makes them one."));
  const saving::Json renorm = saving::Json::parse(R"({"name": "b", "renorm": true})");
  saving::JsonConfigReader reader(renorm, "b");
  CHECK_THROWS_MATCHES(
      Layer::from_config(reader), ArgumentError,
      Message("BatchNormalization 'b': renorm = true is not computed by graft. For inference it makes no "
              "difference: in Keras, copy gamma, beta, moving_mean and moving_variance to a layer with "
              "renorm = False, and save that."));
}

TEST_CASE("BatchNormalization reads Keras 2's list of one axis", "[layers][batch_normalization]") {
  const saving::Json json = saving::Json::parse(R"({"name": "b", "axis": [1]})");
  saving::JsonConfigReader reader(json, "b");
  const auto layer = layers::BatchNormalization<float>::from_config(reader);
  layer.ensure_built(std::vector<Shape>{{None, 3, 5}});
  CHECK(layer.moving_mean().shape() == Shape{3});
}
