#include <graft/layers/batch_normalization.hpp>
#include <graft/layers/depthwise_conv2d.hpp>
#include <graft/layers/multiply.hpp>
#include <graft/layers/relu.hpp>
#include <graft/layers/separable_conv2d.hpp>
#include <graft/models/sequential.hpp>
#include <graft/testing/layer_battery.hpp>

#include "support/catch.hpp"
#include "support/numeric.hpp"

using namespace graft;

namespace {

const std::vector<std::string> no_faults;

}  // namespace

TEMPLATE_TEST_CASE("DepthwiseConv2D passes the battery", "[layers][depthwise]", float, double) {
  using layers::DepthwiseConv2D;
  const auto x = random_tensor<TestType>({3, 5, 7, 2}, 1);
  CHECK(testing::layer_battery(DepthwiseConv2D<TestType>(3), {x},
                               {.output = {3, 3, 5, 2}, .trainable_weights = 2, .params = 20}) == no_faults);
  CHECK(testing::layer_battery(DepthwiseConv2D<TestType>(
                                   3, {.strides = 2, .padding = "same", .depth_multiplier = 3, .activation = "tanh"}),
                               {x}, {.output = {3, 3, 4, 6}, .trainable_weights = 2, .params = 60}) == no_faults);
  CHECK(testing::layer_battery(
            DepthwiseConv2D<TestType>({1, 5}, {.padding = "same", .dilation_rate = 2, .use_bias = false}), {x},
            {.output = {3, 5, 7, 2}, .trainable_weights = 1, .params = 10}) == no_faults);
}

TEMPLATE_TEST_CASE("SeparableConv2D passes the battery", "[layers][depthwise]", float, double) {
  using layers::SeparableConv2D;
  const auto x = random_tensor<TestType>({3, 5, 7, 2}, 1);
  CHECK(testing::layer_battery(SeparableConv2D<TestType>(4, 3), {x},
                               {.output = {3, 3, 5, 4}, .trainable_weights = 3, .params = 18 + 8 + 4}) == no_faults);
  CHECK(
      testing::layer_battery(
          SeparableConv2D<TestType>(
              4, 3, {.strides = 2, .padding = "same", .depth_multiplier = 2, .activation = "tanh", .use_bias = false}),
          {x}, {.output = {3, 3, 4, 4}, .trainable_weights = 2, .params = 36 + 16}) == no_faults);
}

TEMPLATE_TEST_CASE("Multiply passes the battery", "[layers][merge]", float, double) {
  const auto x = random_tensor<TestType>({3, 2, 4, 2}, 1), gate = random_tensor<TestType>({3, 1, 1, 2}, 2);
  CHECK(testing::layer_battery(layers::Multiply<TestType>(), {x, x}, {.output = {3, 2, 4, 2}}) == no_faults);
  CHECK(testing::layer_battery(layers::Multiply<TestType>(), {x, gate}, {.output = {3, 2, 4, 2}}) == no_faults);
}

TEST_CASE("A normalization that does not learn is folded into a depthwise convolution", "[layers][depthwise]") {
  const Sequential<double> model({Input<double>({6, 6, 5}), layers::DepthwiseConv2D<double>(3, {.padding = "same"}),
                                  layers::BatchNormalization<double>(), layers::ReLU<double>({.max_value = 6})});
  auto weights = model.get_weights();
  for (std::size_t i = 0; i < weights.size(); ++i) weights[i] = random_tensor<double>(weights[i].shape(), i, 0.5, 1.5);
  model.set_weights(weights);
  const auto x = random_tensor<double>({2, 6, 6, 5}, 9);
  const auto plain = model.predict(x);
  for (auto& layer : model.layers()) layer.trainable = false;
  model.compile({.optimizer = "sgd", .loss = "mean_squared_error"});
  std::ostringstream plan;
  plan << model.plan({.batch_size = 2});
  CHECK_THAT(plan.str(), ContainsSubstring("depthwise_conv2d"));
  // Folding multiplies the kernel instead of the sum of 9 products.
  CHECK(model.evaluate(x, plain, {.verbose = 0}).at("loss") < 1e-28);
}

TEST_CASE("Depthwise layers infer open axes and have Keras's names", "[layers][depthwise]") {
  utils::clear_session();
  CHECK(layers::DepthwiseConv2D(3).name() == "depthwise_conv2d");
  CHECK(layers::SeparableConv2D(2, 3).name() == "separable_conv2d");
  CHECK(layers::Multiply().name() == "multiply");
  CHECK(layers::DepthwiseConv2D(3, {.strides = 2, .padding = "same"}).compute_output_shape({None, None, 7, 4}) ==
        Shape{None, None, 4, 4});
  CHECK(layers::SeparableConv2D(8, 3).compute_output_shape({None, 5, None, 4}) == Shape{None, 3, None, 8});
}

TEST_CASE("Depthwise layers refuse options and inputs outside their rules", "[layers][depthwise]") {
  using layers::DepthwiseConv2D, layers::SeparableConv2D;
  CHECK_THROWS_MATCHES(DepthwiseConv2D(0, {.name = "d"}), ArgumentError,
                       Message("DepthwiseConv2D 'd': kernel_size must be at least 1, got 0x0."));
  CHECK_THROWS_MATCHES(DepthwiseConv2D(3, {.strides = Size2D(1, 0), .name = "d"}), ArgumentError,
                       Message("DepthwiseConv2D 'd': strides must be at least 1, got 1x0."));
  CHECK_THROWS_MATCHES(DepthwiseConv2D(3, {.depth_multiplier = 0, .name = "d"}), ArgumentError,
                       Message("DepthwiseConv2D 'd': depth_multiplier must be at least 1, got 0."));
  CHECK_THROWS_MATCHES(SeparableConv2D(2, 3, {.strides = 2, .dilation_rate = 2, .name = "s"}), ArgumentError,
                       Message("SeparableConv2D 's': strides and dilation_rate cannot both be larger than 1."));
  CHECK_THROWS_MATCHES(SeparableConv2D(0, 3, {.name = "s"}), ArgumentError,
                       Message("SeparableConv2D 's': filters must be at least 1, got 0."));
  CHECK_THROWS_MATCHES(
      DepthwiseConv2D(5, {.name = "d"}).compute_output_shape({None, 4, 7, 1}), ShapeError,
      Message("DepthwiseConv2D 'd': a kernel of 5x5 does not fit the input (None, 4, 7, 1). Use padding "
              "= \"same\", a smaller kernel or larger images."));
  CHECK_THROWS_MATCHES(DepthwiseConv2D(3, {.name = "d"}).compute_output_shape({None, 4, 7, None}), ShapeError,
                       Message("DepthwiseConv2D 'd' needs to know the last axis of its input, got (None, 4, 7, None). "
                               "Give Input() that axis."));
}
