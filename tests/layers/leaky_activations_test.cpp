#include <graft/layers/elu.hpp>
#include <graft/layers/input_layer.hpp>
#include <graft/layers/leaky_relu.hpp>
#include <graft/layers/prelu.hpp>
#include <graft/models/sequential.hpp>
#include <graft/testing/layer_battery.hpp>

#include "support/catch.hpp"
#include "support/numeric.hpp"

using namespace graft;

namespace {

const std::vector<std::string> no_faults;

}  // namespace

TEST_CASE("LeakyReLU and ELU pass the battery", "[layers]") {
  const auto x = random_tensor<double>({3, 2, 4}, 1);
  const testing::LayerExpectations expected{.output = {3, 2, 4}};
  CHECK(testing::layer_battery(layers::LeakyReLU<double>(), {x}, expected) == no_faults);
  CHECK(testing::layer_battery(layers::LeakyReLU<double>({.negative_slope = 0}), {x}, expected) == no_faults);
  CHECK(testing::layer_battery(layers::ELU<double>(), {x}, expected) == no_faults);
  CHECK(testing::layer_battery(layers::ELU<double>({.alpha = 0.25}), {x}, expected) == no_faults);
}

TEST_CASE("PReLU passes the battery", "[layers]") {
  const auto x = random_tensor<double>({3, 2, 4, 5}, 1);
  const auto expected = [](Index params) {
    return testing::LayerExpectations{.output = {3, 2, 4, 5}, .trainable_weights = 1, .params = params};
  };
  const auto battery = [&](std::vector<Index> axes, Index params) {
    const layers::PReLU<double> layer({.alpha_regularizer = "l2", .shared_axes = std::move(axes)});
    layer.ensure_built(std::vector<Shape>{x.shape()});
    return testing::layer_battery(layer, {x}, expected(params));
  };
  CHECK(battery({}, 40) == no_faults);
  CHECK(battery({1, 2}, 5) == no_faults);
  CHECK(battery({1, 2, 3}, 1) == no_faults);
  CHECK(battery({3}, 8) == no_faults);
  CHECK(battery({1, 3}, 4) == no_faults);
}

TEST_CASE("Leaky activations have Keras's defaults and names", "[layers]") {
  const Tensor<float> x({1, 3}, {-2, 0, 3});
  CHECK(same_bits(layers::LeakyReLU()(x), Tensor<float>({1, 3}, {-2 * 0.3F, 0, 3})));
  CHECK((layers::PReLU()(x).array() == Tensor<float>({1, 3}, {0, 0, 3}).array()).all());
  CHECK_THAT(layers::ELU()(x)(0, 0), WithinAbs(std::exp(-2.F) - 1, 1e-6));
  utils::clear_session();
  CHECK(layers::LeakyReLU().name() == "leaky_re_lu");
  CHECK(layers::ELU().name() == "elu");
  const layers::PReLU prelu;
  CHECK(prelu.name() == "p_re_lu");
  CHECK(prelu.alpha().name() == "alpha");
}

TEST_CASE("Leaky activations refuse options outside their rules", "[layers]") {
  CHECK_THROWS_MATCHES(layers::LeakyReLU({.negative_slope = -0.5, .name = "l"}), ArgumentError,
                       Message("LeakyReLU 'l': negative_slope must not be negative, got -0.5."));
  CHECK_THROWS_MATCHES(layers::ELU({.alpha = -1, .name = "e"}), ArgumentError,
                       Message("ELU 'e': alpha must not be negative, got -1."));
  CHECK_THROWS_MATCHES(layers::PReLU({.shared_axes = {0}, .name = "p"}), ArgumentError,
                       Message("PReLU 'p': shared_axes count from 1, the first axis after the batch, got 0."));
  CHECK_THROWS_MATCHES(layers::PReLU({.shared_axes = {3}, .name = "p"}).compute_output_shape({None, 4, 3}), ShapeError,
                       Message("PReLU 'p': its input (None, 4, 3) has no axis 3 to share."));
  CHECK_THROWS_MATCHES(
      layers::PReLU({.name = "p"}).compute_output_shape({None, None, 3}), ShapeError,
      Message("PReLU 'p' needs to know all axes of its input that are not shared, got (None, None, 3). Give Input() "
              "those axes, or list them in shared_axes."));
  const layers::PReLU layer({.shared_axes = {1}, .name = "p"});
  layer(Input({None, 3}));
  CHECK(layer.compute_output_shape({None, 7, 3}) == Shape{None, 7, 3});
  CHECK_THROWS_MATCHES(layer.compute_output_shape({None, 7, 4}), ShapeError,
                       Message("PReLU 'p' has an alpha of shape (1, 3), which does not fit the input (None, 7, 4)."));
}

TEST_CASE("PReLU's alpha is regularized and constrained while it learns", "[layers]") {
  const auto alpha_after_a_step = [](bool trainable) {
    const layers::PReLU<double> layer({.alpha_initializer = "ones",
                                       .alpha_regularizer = regularizers::L1({.l1 = 0.25}),
                                       .alpha_constraint = constraints::MaxNorm({.max_value = 0.75})});
    Sequential<double> model({Input<double>({1}), layer});
    layer.trainable = trainable;
    model.compile({.optimizer = optimizers::SGD({.learning_rate = 0.5}), .loss = "mse"});
    model.train_on_batch(Tensor<double>({1, 1}, {2}), Tensor<double>({1, 1}, {2}));  // x > 0: only the penalty acts
    return layer.alpha().value()(0);
  };
  CHECK_THAT(alpha_after_a_step(true),
             WithinAbs(0.75, 1e-6));  // from 1 - 0.5 * 0.25; the constraint divides by norm + 1e-7
  CHECK(alpha_after_a_step(false) == 1);
}
