#include <graft/layers/conv1d.hpp>
#include <graft/layers/conv2d.hpp>
#include <graft/layers/dense.hpp>
#include <graft/layers/flatten.hpp>
#include <graft/layers/global_average_pooling1d.hpp>
#include <graft/layers/max_pooling1d.hpp>
#include <graft/models/sequential.hpp>
#include <graft/testing/layer_battery.hpp>

#include "support/catch.hpp"
#include "support/numeric.hpp"

using namespace graft;

namespace {

const std::vector<std::string> no_faults;

}  // namespace

TEMPLATE_TEST_CASE("Conv1D passes the battery", "[layers][conv1d]", float, double) {
  using layers::Conv1D;
  const auto x = random_tensor<TestType>({3, 7, 4}, 1);
  CHECK(testing::layer_battery(Conv1D<TestType>(2, 3), {x},
                               {.output = {3, 5, 2}, .trainable_weights = 2, .params = 26}) == no_faults);
  CHECK(testing::layer_battery(
            Conv1D<TestType>(6, 2, {.strides = 3, .padding = "causal", .groups = 2, .activation = "tanh"}), {x},
            {.output = {3, 3, 6}, .trainable_weights = 2, .params = 30}) == no_faults);
  CHECK(testing::layer_battery(Conv1D<TestType>(1, 4, {.padding = "same", .dilation_rate = 2, .use_bias = false}), {x},
                               {.output = {3, 7, 1}, .trainable_weights = 1, .params = 16}) == no_faults);
}

TEST_CASE("Conv1D is Conv2D on images of height 1, bit by bit", "[layers][conv1d]") {
  const std::string padding = GENERATE("valid", "same");
  const Index strides = GENERATE(1, 2);
  const layers::Conv1D<float> one(5, 3, {.strides = strides, .padding = padding, .activation = "relu"});
  const layers::Conv2D<float> two(5, {1, 3}, {.strides = Size2D(1, strides), .padding = padding, .activation = "relu"});
  const auto x = random_tensor<float>({2, 9, 4}, 1);
  one.ensure_built(std::vector<Shape>{x.shape()});
  two.ensure_built(std::vector<Shape>{{2, 1, 9, 4}});
  two.set_weights({one.kernel().value().reshape({1, 3, 4, 5}), one.bias()->value()});
  const auto y = one(x);
  CHECK(same_bits(y, two(x.reshape({2, 1, 9, 4})).reshape(y.shape())));
}

TEST_CASE("A causal convolution sees nothing that comes later", "[layers][conv1d]") {
  const Index strides = GENERATE(1, 2, 3);
  const layers::Conv1D<double> layer(2, 4, {.strides = strides, .padding = "causal"});
  auto x = random_tensor<double>({1, 10, 3}, 1);
  const auto before = layer(x);
  const Index changed = 6;
  for (Index c = 0; c < 3; ++c) x(0, changed, c) += 1;
  const auto after = layer(x);
  for (Index i = 0; i < before.shape()[1]; ++i) {
    INFO(i);
    CHECK(same_bits(before[0][i], after[0][i]) == (i * strides < changed || i * strides - 3 > changed));
  }
}

TEST_CASE("Layers over sequences train and freeze in a model", "[layers][conv1d]") {
  utils::set_random_seed(1);
  const Sequential<float> model({Input<float>({None, 3}),
                                 layers::Conv1D<float>(8, 3, {.padding = "causal", .activation = "relu"}),
                                 layers::MaxPooling1D<float>(2), layers::Conv1D<float>(4, 3, {.activation = "relu"}),
                                 layers::GlobalAveragePooling1D<float>(), layers::Dense<float>(1)});
  const auto x = random_tensor<float>({16, 12, 3}, 1);
  Tensor<float> y({16, 1});
  for (Index i = 0; i < 16; ++i)
    for (Index t = 0; t < 12; ++t) y(i, 0) += x(i, t, 0) / 12;
  model.layers()[0].trainable = false;
  const auto frozen = model.layers()[0].get_weights();
  model.compile({.optimizer = "adam", .loss = "mean_squared_error"});
  const double before = model.evaluate(x, y, {.verbose = 0}).at("loss");
  model.fit(x, y, {.batch_size = 8, .epochs = 100, .verbose = 0});
  CHECK(model.evaluate(x, y, {.verbose = 0}).at("loss") < before / 2);
  CHECK(same_bits(model.layers()[0].get_weights()[0], frozen[0]));
  CHECK(model.predict(x).shape() == Shape{16, 1});
}

TEST_CASE("Conv1D infers open axes and has Keras's names", "[layers][conv1d]") {
  utils::clear_session();
  CHECK(layers::Conv1D(2, 3).name() == "conv1d");
  CHECK(layers::Conv1D(2, 3).name() == "conv1d_1");
  CHECK(layers::Conv1D(8, 3, {.strides = 2, .padding = "CAUSAL"}).compute_output_shape({None, 7, 4}) ==
        Shape{None, 4, 8});
  CHECK(layers::Conv1D(8, 3).compute_output_shape({None, None, 4}) == Shape{None, None, 8});
}

TEST_CASE("Conv1D refuses options and inputs outside their rules", "[layers][conv1d]") {
  using layers::Conv1D;
  CHECK_THROWS_MATCHES(Conv1D(2, 0, {.name = "c"}), ArgumentError,
                       Message("Conv1D 'c': kernel_size must be at least 1, got 0."));
  CHECK_THROWS_MATCHES(Conv1D(2, 3, {.strides = -1, .name = "c"}), ArgumentError,
                       Message("Conv1D 'c': strides must be at least 1, got -1."));
  CHECK_THROWS_MATCHES(Conv1D(2, 3, {.dilation_rate = 0, .name = "c"}), ArgumentError,
                       Message("Conv1D 'c': dilation_rate must be at least 1, got 0."));
  CHECK_THROWS_MATCHES(Conv1D(0, 3, {.name = "c"}), ArgumentError,
                       Message("Conv1D 'c': filters must be at least 1, got 0."));
  CHECK_THROWS_MATCHES(Conv1D(4, 3, {.groups = 3, .name = "c"}), ArgumentError,
                       Message("Conv1D 'c': filters = 4 must be a multiple of groups = 3."));
  CHECK_THROWS_MATCHES(Conv1D(4, 3, {.strides = 2, .dilation_rate = 2, .name = "c"}), ArgumentError,
                       Message("Conv1D 'c': strides and dilation_rate cannot both be larger than 1."));
  CHECK_THROWS_MATCHES(Conv1D(4, 3, {.padding = "full", .name = "c"}), ArgumentError,
                       Message("Conv1D 'c': padding must be \"valid\", \"same\" or \"causal\", got \"full\"."));
  CHECK_THROWS_MATCHES(layers::Conv2D(4, 3, {.padding = "causal", .name = "c"}), ArgumentError,
                       Message("Conv2D 'c': padding must be \"valid\" or \"same\", got \"causal\"."));
  CHECK_THROWS_MATCHES(Conv1D(4, 3, {.data_format = "channels_first", .name = "c"}), ArgumentError,
                       Message("Conv1D 'c': data_format must be \"channels_last\", got \"channels_first\"."));
  CHECK_THROWS_MATCHES(
      Conv1D(4, 5, {.name = "c"}).compute_output_shape({None, 4, 1}), ShapeError,
      Message("Conv1D 'c': a kernel of 5 does not fit the input (None, 4, 1). Use padding = \"same\", a "
              "smaller kernel or longer sequences."));
  CHECK_THROWS_MATCHES(
      Conv1D(4, 5, {.name = "c"}).compute_output_shape({None, 4}), ShapeError,
      Message("Conv1D 'c' expects (batch, steps, channels), got (None, 4). The batch axis is missing."));
  CHECK_THROWS_MATCHES(
      Conv1D(4, 1, {.groups = 2, .name = "c"}).compute_output_shape({None, 4, 3}), ShapeError,
      Message("Conv1D 'c': the 3 channels of its input (None, 4, 3) are not a multiple of groups = 2."));
  CHECK_THROWS_MATCHES(Conv1D(4, 1, {.name = "c"}).compute_output_shape({None, 4, None}), ShapeError,
                       Message("Conv1D 'c' needs to know the last axis of its input, got (None, 4, None). Give Input() "
                               "that axis."));
}

TEST_CASE("Conv1D's config holds lists of one, as Keras's does", "[layers][conv1d][saving]") {
  saving::Json json;
  saving::JsonConfigWriter writer(json);
  layers::Conv1D(4, 3, {.strides = 2}).config(writer);
  CHECK(json["kernel_size"] == saving::Json{3});
  CHECK(json["strides"] == saving::Json{2});
  CHECK(json["dilation_rate"] == saving::Json{1});
  json["strides"] = 3;  // what a person writes
  saving::JsonConfigReader number(json, "c");
  CHECK(layers::Conv1D<>::from_config(number).compute_output_shape({1, 9, 2}) == Shape{1, 3, 4});
  json["strides"] = {1, 2};
  saving::JsonConfigReader two(json, "c");
  CHECK_THROWS_MATCHES(layers::Conv1D<>::from_config(two), ArgumentError,
                       Message("'strides' in the config of a layer over sequences must be one number, got 2."));
}
