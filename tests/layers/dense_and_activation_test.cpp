#include <graft/layers/activation.hpp>
#include <graft/layers/conv2d.hpp>
#include <graft/layers/dense.hpp>
#include <graft/layers/relu.hpp>
#include <graft/layers/rescaling.hpp>
#include <graft/layers/softmax.hpp>
#include <graft/testing/layer_battery.hpp>

#include "support/catch.hpp"
#include "support/numeric.hpp"

using namespace graft;

namespace {

const std::vector<std::string> no_faults;

/// Away from 0 by at least a tenth: from the kinks of a relu.
Tensor<double> without_kinks(const Shape& shape) {
  auto x = random_tensor<double>(shape, 1);
  for (double& v : x) v += v < 0 ? -0.1 : 0.1;
  return x;
}

}  // namespace

TEMPLATE_TEST_CASE("Dense passes the battery", "[layers][dense]", float, double) {
  using layers::Dense;
  const auto x = random_tensor<TestType>({5, 7}, 1), x4 = random_tensor<TestType>({3, 2, 2, 7}, 1);
  const auto expected = [](const Shape& output, Index weights, Index params) {
    return testing::LayerExpectations{.output = output, .trainable_weights = weights, .params = params};
  };
  CHECK(testing::layer_battery(Dense<TestType>(4), {x}, expected({5, 4}, 2, 32)) == no_faults);
  CHECK(testing::layer_battery(Dense<TestType>(4, {.use_bias = false}), {x4}, expected({3, 2, 2, 4}, 1, 28)) ==
        no_faults);
  CHECK(testing::layer_battery(Dense<TestType>(33, {.activation = "tanh", .kernel_regularizer = "l2"}), {x},
                               expected({5, 33}, 2, 264)) == no_faults);
  CHECK(testing::layer_battery(Dense<TestType>(4, {.activation = "softmax", .kernel_constraint = "max_norm"}), {x},
                               expected({5, 4}, 2, 32)) == no_faults);
  CHECK(testing::layer_battery(Dense<TestType>(1, {.activation = "gelu", .activity_regularizer = "l2"}), {x},
                               expected({5, 1}, 2, 8)) == no_faults);
}

TEMPLATE_TEST_CASE("Conv2D passes the battery", "[layers][conv2d]", float, double) {
  using layers::Conv2D;
  const auto x = random_tensor<TestType>({3, 5, 6, 4}, 1);
  const auto expected = [](const Shape& output, Index weights, Index params) {
    return testing::LayerExpectations{.output = output, .trainable_weights = weights, .params = params};
  };
  CHECK(testing::layer_battery(Conv2D<TestType>(3, 3), {x}, expected({3, 3, 4, 3}, 2, 111)) == no_faults);
  CHECK(
      testing::layer_battery(Conv2D<TestType>(2, {2, 3}, {.strides = {2, 1}, .padding = "same", .activation = "tanh"}),
                             {x}, expected({3, 3, 6, 2}, 2, 50)) == no_faults);
  CHECK(testing::layer_battery(
            Conv2D<TestType>(6, 3, {.padding = "same", .dilation_rate = 2, .groups = 2, .use_bias = false}), {x},
            expected({3, 5, 6, 6}, 1, 108)) == no_faults);
  CHECK(testing::layer_battery(Conv2D<TestType>(5, 1, {.activation = "softmax"}), {x}, expected({3, 5, 6, 5}, 2, 25)) ==
        no_faults);
}

TEST_CASE("Dense refuses units and inputs outside their rules", "[layers][dense]") {
  CHECK_THROWS_MATCHES(layers::Dense(0, {.name = "d"}), ArgumentError,
                       Message("Dense 'd': units must be at least 1, got 0."));
  const layers::Dense layer(3, {.name = "d"});
  CHECK_THROWS_MATCHES(layer(Tensor<float>({4})), ShapeError,
                       Message("Dense 'd' expects (batch, .., inputs), got (4,). The batch axis is missing."));
  CHECK_THROWS_MATCHES(
      layer.compute_output_shape({None, None}), ShapeError,
      Message("Dense 'd' needs to know the last axis of its input, got (None, None). Give Input() that "
              "axis."));
  layer(Tensor<float>({2, 4}));
  CHECK_THROWS_MATCHES(layer(Tensor<float>({2, 5})), ShapeError,
                       Message("Dense 'd' expects 4 as the last axis of its input, got (2, 5)."));
}

TEST_CASE("Conv2D refuses options and inputs outside their rules", "[layers][conv2d]") {
  using layers::Conv2D;
  const auto refuses = [](Index filters, Size2D kernel, layers::Conv2DOptions options, const std::string& message) {
    options.name = "c";
    CHECK_THROWS_MATCHES(Conv2D(filters, kernel, options), ArgumentError, Message("Conv2D 'c': " + message));
  };
  refuses(0, 3, {}, "filters must be at least 1, got 0.");
  refuses(2, {3, 0}, {}, "kernel_size must be at least 1, got 3x0.");
  refuses(2, 3, {.strides = 0}, "strides must be at least 1, got 0x0.");
  refuses(2, 3, {.padding = "causal"}, "padding must be \"valid\" or \"same\", got \"causal\".");
  refuses(2, 3, {.data_format = "channels_first"}, "data_format must be \"channels_last\", got \"channels_first\".");
  refuses(2, 3, {.dilation_rate = {1, -1}}, "dilation_rate must be at least 1, got 1x-1.");
  refuses(2, 3, {.strides = 2, .dilation_rate = 2}, "strides and dilation_rate cannot both be larger than 1.");
  refuses(3, 3, {.groups = 2}, "filters = 3 must be a multiple of groups = 2.");

  const Conv2D layer(2, 3, {.name = "c"});
  CHECK_THROWS_MATCHES(
      layer(Tensor<float>({150, 150, 3})), ShapeError,
      Message("Conv2D 'c' expects (batch, height, width, channels), got (150, 150, 3). The batch axis is "
              "missing."));
  CHECK_THROWS_MATCHES(
      layer.compute_output_shape({None, 2, 8, 3}), ShapeError,
      Message("Conv2D 'c': a kernel of 3x3 does not fit the input (None, 2, 8, 3). Use padding = \"same\", "
              "a smaller kernel or larger images."));
  CHECK_THROWS_MATCHES(
      Conv2D(4, 3, {.groups = 2, .name = "c"}).compute_output_shape({None, 8, 8, 3}), ShapeError,
      Message("Conv2D 'c': the 3 channels of its input (None, 8, 8, 3) are not a multiple of groups = 2."));
  layer(Tensor<float>({1, 8, 8, 3}));
  CHECK_THROWS_MATCHES(layer(Tensor<float>({1, 8, 8, 4})), ShapeError,
                       Message("Conv2D 'c' expects 3 as the last axis of its input, got (1, 8, 8, 4)."));
}

TEST_CASE("Activation passes the battery with every name", "[layers][activation]") {
  const auto x = without_kinks({3, 2, 4});
  for (const char* name : {"linear", "relu", "sigmoid", "gelu", "softmax", "log_softmax", "elu", "exponential"}) {
    INFO(name);
    CHECK(testing::layer_battery(layers::Activation<double>(name), {x}, {.output = {3, 2, 4}}) == no_faults);
  }
}

TEST_CASE("ReLU and Softmax pass the battery", "[layers][activation]") {
  const auto x = without_kinks({3, 2, 4});
  const testing::LayerExpectations expected{.output = {3, 2, 4}};
  CHECK(testing::layer_battery(layers::ReLU<double>(), {x}, expected) == no_faults);
  CHECK(testing::layer_battery(layers::ReLU<double>({.max_value = 0.75, .negative_slope = 0.25, .threshold = 0.05}),
                               {x}, expected) == no_faults);
  CHECK(testing::layer_battery(layers::Softmax<double>(), {x}, expected) == no_faults);
  CHECK(testing::layer_battery(layers::Softmax<double>({.axis = 1}), {x}, expected) == no_faults);
  CHECK(testing::layer_battery(layers::Softmax<double>({.axis = {1, 2}}), {x}, expected) == no_faults);
  CHECK(layers::ReLU({.name = "r"}).compute_output_shape({None}) == Shape{None});
}

TEST_CASE("ReLU follows its formula", "[layers][activation]") {
  const layers::ReLU<double> layer({.max_value = 2, .negative_slope = 0.5, .threshold = 1});
  CHECK(same_bits(layer(Tensor<double>({1, 5}, {-1, 0.5, 1, 1.5, 3})), Tensor<double>({1, 5}, {-1, -0.25, 0, 1.5, 2})));
}

TEST_CASE("Rescaling passes the battery", "[layers]") {
  const auto x = random_tensor<double>({3, 4, 5, 3}, 1, 0, 255);
  CHECK(testing::layer_battery(layers::Rescaling<double>(1 / 127.5, {.offset = -1}), {x}, {.output = {3, 4, 5, 3}}) ==
        no_faults);
  const auto y = layers::Rescaling<double>(0.5, {.offset = -1})(Tensor<double>({3}, {0, 2, 8}));
  CHECK(same_bits(y, Tensor<double>({3}, {-1, 0, 3})));
}

TEST_CASE("Only a softmax over the last axis is taken for class probabilities", "[layers][activation]") {
  plan::Program<float> program(true);
  const ValueId input = program.input({None, 3, 4});
  const auto before = [&](const Layer<float>& layer) {
    return program.before(program.call(layer, {input})[0], "softmax");
  };
  CHECK(before(layers::Softmax()) == input);
  CHECK(before(layers::Softmax({.axis = 2})) == input);
  CHECK(before(layers::Activation("softmax")) == input);
  CHECK_FALSE(before(layers::Softmax({.axis = 1})));
  CHECK_FALSE(before(layers::Softmax({.axis = {1, 2}})));
  CHECK(before(layers::Softmax({.axis = {-1}})) == input);
  CHECK_FALSE(before(layers::Activation("log_softmax")));
}

TEST_CASE("Activation layers refuse options and inputs outside their rules", "[layers][activation]") {
  using layers::ReLU;
  CHECK_THROWS_MATCHES(ReLU({.max_value = -1, .name = "r"}), ArgumentError,
                       Message("ReLU 'r': max_value must not be negative, got -1."));
  CHECK_THROWS_MATCHES(ReLU({.negative_slope = -0.5, .name = "r"}), ArgumentError,
                       Message("ReLU 'r': negative_slope must not be negative, got -0.5."));
  CHECK_THROWS_MATCHES(ReLU({.threshold = -2, .name = "r"}), ArgumentError,
                       Message("ReLU 'r': threshold must not be negative, got -2."));
  CHECK_THROWS_MATCHES(layers::Softmax({.axis = 0, .name = "s"}).compute_output_shape({None, 4}), ShapeError,
                       Message("Softmax 's': axis 0 of its input (None, 4) is the batch; another one is needed."));
  CHECK_THROWS_MATCHES(layers::Softmax({.axis = 2, .name = "s"}).compute_output_shape({None, 4}), ShapeError,
                       Message("Softmax 's': its input (None, 4) has no axis 2."));
  CHECK_THROWS_MATCHES(layers::Softmax({.axis = {1, -1}, .name = "s"}).compute_output_shape({None, 4}), ShapeError,
                       Message("Softmax 's': axis 1 of its input (None, 4) is named twice."));
  CHECK_THROWS_MATCHES(layers::Softmax({.axis = {}, .name = "s"}), ArgumentError,
                       Message("Softmax 's': axis must name at least one axis."));
  CHECK_THROWS_MATCHES(layers::Activation("softmax", {.name = "a"}).compute_output_shape({None}), ShapeError,
                       Message("Activation 'a' expects (batch, ..), got (None,). The batch axis is missing."));
  CHECK_THROWS_WITH(layers::Activation("reLU"), ContainsSubstring("there is no activation \"reLU\""));
}
