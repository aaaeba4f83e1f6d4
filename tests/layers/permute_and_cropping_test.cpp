#include <graft/layers/cropping1d.hpp>
#include <graft/layers/cropping2d.hpp>
#include <graft/layers/permute.hpp>
#include <graft/layers/zero_padding1d.hpp>
#include <graft/testing/layer_battery.hpp>

#include "support/catch.hpp"
#include "support/numeric.hpp"

using namespace graft;

namespace {

const std::vector<std::string> no_faults;

}  // namespace

TEST_CASE("Permute passes the battery", "[layers]") {
  const auto x = random_tensor<double>({3, 2, 4, 5}, 1);
  CHECK(testing::layer_battery(layers::Permute<double>({3, 1, 2}), {x}, {.output = {3, 5, 2, 4}}) == no_faults);
  CHECK(testing::layer_battery(layers::Permute<double>({1, 3, 2}), {x}, {.output = {3, 2, 5, 4}}) == no_faults);
}

TEST_CASE("Permute moves axes, and emits no step where they stay", "[layers]") {
  const Tensor<float> x({1, 2, 3}, {1, 2, 3, 4, 5, 6});
  CHECK(same_bits(layers::Permute({2, 1})(x), Tensor<float>({1, 3, 2}, {1, 4, 2, 5, 3, 6})));
  CHECK(same_bits(layers::Permute({1, 2})(x), x));
  CHECK(layers::Permute({2, 1}).compute_output_shape({None, None, 3}) == Shape{None, 3, None});
  plan::Program<float> program(true);
  program.call(layers::Permute({1, 2}), {program.input({None, 2, 3})});
  CHECK(program.steps.empty());
}

TEST_CASE("Permute refuses what is no order", "[layers]") {
  for (const Shape& dims : std::vector<Shape>{{1, 1}, {0, 1}, {1, 3}})
    CHECK_THROWS_MATCHES(layers::Permute(dims, {.name = "p"}), ArgumentError,
                         Message("Permute 'p': dims must hold each of 1 .. 2 once, got " + dims.str() + "."));
  CHECK_THROWS_AS(layers::Permute({1, 2, 3, 4, 5, 6, 7, 8}), ArgumentError);
  CHECK_THROWS_MATCHES(layers::Permute({2, 1}, {.name = "p"}).compute_output_shape({None, 3}), ShapeError,
                       Message("Permute 'p' expects (batch, and 2 axes), got (None, 3). The batch axis is missing."));
}

TEST_CASE("Cropping2D passes the battery", "[layers]") {
  const auto x = random_tensor<double>({3, 4, 5, 2}, 1);
  CHECK(testing::layer_battery(layers::Cropping2D<double>(1), {x}, {.output = {3, 2, 3, 2}}) == no_faults);
  CHECK(testing::layer_battery(layers::Cropping2D<double>({0, 2}), {x}, {.output = {3, 4, 1, 2}}) == no_faults);
  CHECK(testing::layer_battery(layers::Cropping2D<double>({{0, 1}, {2, 0}}), {x}, {.output = {3, 3, 3, 2}}) ==
        no_faults);
}

TEST_CASE("Cropping2D takes away what it says", "[layers]") {
  const Tensor<float> x({1, 2, 3, 1}, {1, 2, 3, 4, 5, 6});
  CHECK(same_bits(layers::Cropping2D({{1, 0}, {0, 2}})(x), Tensor<float>({1, 1, 1, 1}, {4})));
  CHECK(same_bits(layers::Cropping2D()(x), x));
  CHECK(layers::Cropping2D(3).compute_output_shape({None, None, 8, 2}) == Shape{None, None, 2, 2});
  utils::clear_session();
  CHECK(layers::Cropping2D().name() == "cropping2d");
}

TEST_CASE("Cropping2D refuses to leave nothing", "[layers]") {
  CHECK_THROWS_MATCHES(
      layers::Cropping2D({{1, 2}, {0, 0}}, {.name = "c"}).compute_output_shape({None, 3, 7, 2}), ShapeError,
      Message("Cropping2D 'c': cropping ((1, 2), (0, 0)) leaves nothing of the input (None, 3, 7, 2)."));
  CHECK_THROWS_AS(layers::Cropping2D({0, 4}).compute_output_shape({None, 3, 7, 2}), ShapeError);
  CHECK_THROWS_MATCHES(layers::Cropping2D({1, -2}, {.name = "c"}), ArgumentError,
                       Message("Cropping2D 'c': cropping must not be negative, got -2."));
  CHECK_THROWS_MATCHES(layers::Cropping2D(1, {.data_format = "channels_first", .name = "c"}), ArgumentError,
                       Message("Cropping2D 'c': data_format must be \"channels_last\", got \"channels_first\"."));
  CHECK_THROWS_MATCHES(layers::Cropping2D(1, {.name = "c"}).compute_output_shape({None, 3, 7}), ShapeError,
                       Message("Cropping2D 'c' expects (batch, height, width, channels), got (None, 3, 7). The batch "
                               "axis is missing."));
}

TEMPLATE_TEST_CASE("Cropping1D and ZeroPadding1D pass the battery", "[layers]", float, double) {
  const auto x = random_tensor<TestType>({3, 5, 2}, 1);
  CHECK(testing::layer_battery(layers::Cropping1D<TestType>(2), {x}, {.output = {3, 1, 2}}) == no_faults);
  CHECK(testing::layer_battery(layers::Cropping1D<TestType>({0, 3}), {x}, {.output = {3, 2, 2}}) == no_faults);
  CHECK(testing::layer_battery(layers::ZeroPadding1D<TestType>(2), {x}, {.output = {3, 9, 2}}) == no_faults);
  CHECK(testing::layer_battery(layers::ZeroPadding1D<TestType>({1, 0}), {x}, {.output = {3, 6, 2}}) == no_faults);
}

TEST_CASE("Cropping1D and ZeroPadding1D take away and add at the ends", "[layers]") {
  const Tensor<float> x({1, 3, 2}, {1, 2, 3, 4, 5, 6});
  CHECK(same_bits(layers::Cropping1D()(x), Tensor<float>({1, 1, 2}, {3, 4})));
  CHECK(same_bits(layers::Cropping1D({0, 2})(x), Tensor<float>({1, 1, 2}, {1, 2})));
  CHECK(same_bits(layers::ZeroPadding1D({0, 1})(x), Tensor<float>({1, 4, 2}, {1, 2, 3, 4, 5, 6, 0, 0})));
  CHECK(layers::Cropping1D(3).compute_output_shape({None, None, 2}) == Shape{None, None, 2});
  CHECK(layers::ZeroPadding1D().compute_output_shape({None, None, 2}) == Shape{None, None, 2});
  utils::clear_session();
  CHECK(layers::Cropping1D().name() == "cropping1d");
  CHECK(layers::ZeroPadding1D().name() == "zero_padding1d");
}

TEST_CASE("Cropping1D and ZeroPadding1D refuse what they cannot do", "[layers]") {
  CHECK_THROWS_MATCHES(layers::Cropping1D({1, 2}, {.name = "c"}).compute_output_shape({None, 3, 7}), ShapeError,
                       Message("Cropping1D 'c': cropping (1, 2) leaves nothing of the input (None, 3, 7)."));
  CHECK_THROWS_MATCHES(layers::Cropping1D({1, -2}, {.name = "c"}), ArgumentError,
                       Message("Cropping1D 'c': cropping must not be negative, got -2."));
  CHECK_THROWS_MATCHES(layers::ZeroPadding1D(1, {.data_format = "channels_first", .name = "z"}), ArgumentError,
                       Message("ZeroPadding1D 'z': data_format must be \"channels_last\", got \"channels_first\"."));
  CHECK_THROWS_MATCHES(layers::ZeroPadding1D(1, {.name = "z"}).compute_output_shape({None, 3}), ShapeError,
                       Message("ZeroPadding1D 'z' expects (batch, steps, channels), got (None, 3). The batch axis is "
                               "missing."));
  const saving::Json config{{"name", "c"}, {"cropping", {1, 2, 3}}};
  saving::JsonConfigReader reader(config, "c");
  CHECK_THROWS_MATCHES(layers::Cropping1D<float>::from_config(reader), ArgumentError,
                       Message("Cropping1D 'c': cropping must be one number or two, got 3."));
}
