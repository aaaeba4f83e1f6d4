#include <graft/layers/dense.hpp>
#include <graft/layers/layer_normalization.hpp>
#include <graft/models/sequential.hpp>
#include <graft/testing/layer_battery.hpp>

#include "support/catch.hpp"
#include "support/numeric.hpp"

using namespace graft;

namespace {

const std::vector<std::string> no_faults;

}  // namespace

TEMPLATE_TEST_CASE("LayerNormalization passes the battery", "[layers][layer_normalization]", float, double) {
  using layers::LayerNormalization;
  const auto x = random_tensor<TestType>({3, 4, 2, 5}, 1);
  const auto faults = [&](const layers::LayerNormalizationOptions& options, Index weights, Index params) {
    return testing::layer_battery(LayerNormalization<TestType>(options), {x},
                                  {.output = x.shape(), .trainable_weights = weights, .params = params});
  };
  CHECK(faults({}, 2, 10) == no_faults);
  CHECK(faults({.axis = 1}, 2, 8) == no_faults);
  CHECK(faults({.axis = {-1, -2, -3}}, 2, 80) == no_faults);
  CHECK(faults({.axis = {1, 3}, .scale = false}, 1, 20) == no_faults);  // apart: moved together and back
  CHECK(faults({.axis = {1, -1}, .center = false}, 1, 20) == no_faults);
  CHECK(faults({.center = false, .scale = false}, 0, 0) == no_faults);
  CHECK(faults({.axis = {2, 3}, .rms_scaling = true}, 1, 10) == no_faults);
}

TEST_CASE("gamma and beta have the lengths of the axes as Keras sorts them", "[layers][layer_normalization]") {
  const auto shape_for = [](Axes axis) {
    const layers::LayerNormalization layer({.axis = axis});
    layer(Tensor<float>({1, 4, 2, 5}));
    return layer.gamma()->shape();
  };
  CHECK(shape_for({2, 1}) == Shape{4, 2});
  CHECK(shape_for({1, -1}) == Shape{5, 4});
  CHECK(shape_for(-2) == Shape{2});
}

TEST_CASE("A sample normalized alone has the same bits as in a batch", "[layers][layer_normalization]") {
  const layers::LayerNormalization layer;
  const auto x = random_tensor<float>({5, 33, 67}, 1);
  const auto all = layer(x);
  for (Index i = 0; i < 5; ++i)
    CHECK(same_bits(Tensor<float>(all.slice(i, i + 1)), layer(Tensor<float>(x.slice(i, i + 1)))));
}

TEST_CASE("LayerNormalization computes the same in training, and is part of the cached prefix when frozen",
          "[layers][layer_normalization]") {
  const layers::LayerNormalization<double> layer;
  const auto x = random_tensor<double>({2, 3, 4}, 1);
  CHECK(same_bits(layer(x, {.training = true}), layer(x, {.training = false})));
  const Sequential<double> model({Input<double>({3, 4}), layer, layers::Dense<double>(1)});
  model.layers()[0].trainable = false;
  model.compile({.optimizer = "sgd", .loss = "mean_squared_error"});
  std::ostringstream plan;
  plan << model.plan({.batch_size = 2});
  CHECK_THAT(plan.str(), ContainsSubstring("layer_normalization"));
}

TEST_CASE("LayerNormalization infers open axes and has Keras's names", "[layers][layer_normalization]") {
  utils::clear_session();
  CHECK(layers::LayerNormalization().name() == "layer_normalization");
  CHECK(layers::LayerNormalization().compute_output_shape({None, None, 8}) == Shape{None, None, 8});
  CHECK(layers::LayerNormalization({.axis = 1}).compute_output_shape({None, 3, None}) == Shape{None, 3, None});
}

TEST_CASE("LayerNormalization refuses options and inputs outside their rules", "[layers][layer_normalization]") {
  using layers::LayerNormalization;
  CHECK_THROWS_MATCHES(LayerNormalization({.epsilon = -1, .name = "l"}), ArgumentError,
                       Message("LayerNormalization 'l': epsilon must not be negative, got -1."));
  CHECK_THROWS_MATCHES(LayerNormalization({.axis = {}, .name = "l"}), ArgumentError,
                       Message("LayerNormalization 'l': axis must name at least one axis."));
  const auto shape_error = [](Axes axis, const Shape& in, const char* text) {
    CHECK_THROWS_MATCHES(LayerNormalization({.axis = axis, .name = "l"}).compute_output_shape(in), ShapeError,
                         Message(std::string("LayerNormalization 'l'") + text));
  };
  shape_error(3, {None, 2, 4}, ": its input (None, 2, 4) has no axis 3.");
  shape_error({0, 1}, {None, 2, 4}, ": axis 0 of its input (None, 2, 4) is the batch; another one is needed.");
  shape_error({2, -1}, {None, 2, 4}, ": axis 2 of its input (None, 2, 4) is named twice.");
  shape_error({1, 2}, {None, None, 4},
              " needs to know axis 1 of its input, got (None, None, 4). Give Input() that axis.");
  const LayerNormalization<float> built({.name = "l"});
  built(Tensor<float>({1, 3}));
  CHECK_THROWS_MATCHES(built(Tensor<float>({1, 4})), ShapeError,
                       Message("LayerNormalization 'l' has a gamma of shape (3,), its input (1, 4) needs (4,)."));
}
