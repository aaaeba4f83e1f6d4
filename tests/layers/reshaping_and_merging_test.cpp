#include <graft/layers/add.hpp>
#include <graft/layers/concatenate.hpp>
#include <graft/layers/flatten.hpp>
#include <graft/layers/input_layer.hpp>
#include <graft/layers/reshape.hpp>
#include <graft/layers/zero_padding2d.hpp>
#include <graft/testing/layer_battery.hpp>

#include "support/catch.hpp"
#include "support/numeric.hpp"

using namespace graft;

namespace {

const std::vector<std::string> no_faults;

}  // namespace

TEST_CASE("Flatten and Reshape pass the battery", "[layers]") {
  const auto x = random_tensor<double>({3, 2, 5, 2}, 1);
  CHECK(testing::layer_battery(layers::Flatten<double>(), {x}, {.output = {3, 20}}) == no_faults);
  CHECK(testing::layer_battery(layers::Reshape<double>({4, 5}), {x}, {.output = {3, 4, 5}}) == no_faults);
  CHECK(testing::layer_battery(layers::Reshape<double>({2, -1, 5}), {x}, {.output = {3, 2, 2, 5}}) == no_faults);
}

TEST_CASE("Flatten and Reshape keep the order of the elements and emit no step", "[layers]") {
  const auto x = random_tensor<float>({2, 3, 4}, 1);
  CHECK(same_bits(layers::Flatten()(x), x.reshape({2, 12})));
  CHECK(same_bits(layers::Reshape({2, 6})(x), x.reshape({2, 2, 6})));
  CHECK(same_bits(layers::Flatten()(Tensor<float>({3}, {1, 2, 3})), Tensor<float>({3, 1}, {1, 2, 3})));
  plan::Program<float> program(true);
  const ValueId input = program.input({None, 3, 4});
  const auto flat = program.call(layers::Flatten(), {input});
  const auto reshaped = program.call(layers::Reshape({6, -1}), flat);
  CHECK(program.steps.empty());
  CHECK(program.shape(reshaped[0]) == Shape{None, 6, 2});
  CHECK(program.root(reshaped[0]) == input);
}

TEST_CASE("Flatten and Reshape infer open axes", "[layers]") {
  CHECK(layers::Flatten().compute_output_shape({None, None, 7, 3}) == Shape{None, None});
  CHECK(layers::Flatten().compute_output_shape({None}) == Shape{None, 1});
  CHECK(layers::Reshape({-1, 2}).compute_output_shape({None, None, 7, 3}) == Shape{None, None, 2});
  CHECK(layers::Reshape({-1}).compute_output_shape({5, 6, 7}) == Shape{5, 42});
}

TEST_CASE("Reshape refuses targets that cannot be", "[layers]") {
  CHECK_THROWS_MATCHES(layers::Reshape({-1, -1}, {.name = "r"}), ArgumentError,
                       Message("Reshape 'r': only one entry of target_shape may be -1, got (None, None)."));
  CHECK_THROWS_MATCHES(layers::Reshape({4, 0}, {.name = "r"}), ArgumentError,
                       Message("Reshape 'r': target_shape must hold lengths or one -1, got (4, 0)."));
  CHECK_THROWS_MATCHES(layers::Reshape({1, 1, 1, 1, 1, 1, 1, 1}, {.name = "r"}), ArgumentError,
                       Message("Reshape 'r': target_shape may have 7 axes, got (1, 1, 1, 1, 1, 1, 1, 1)."));
  const std::string rule =
      "Reshape 'r': an input of shape (None, 3, 5) has 15 elements per sample, which does not fit "
      "target_shape ";
  CHECK_THROWS_MATCHES(layers::Reshape({4, 4}, {.name = "r"}).compute_output_shape({None, 3, 5}), ShapeError,
                       Message(rule + "(4, 4)."));
  CHECK_THROWS_MATCHES(layers::Reshape({4, -1}, {.name = "r"}).compute_output_shape({None, 3, 5}), ShapeError,
                       Message(rule + "(4, None)."));
  CHECK_THROWS_MATCHES(layers::Flatten({.data_format = "channels_first", .name = "f"}), ArgumentError,
                       Message("Flatten 'f': data_format must be \"channels_last\", got \"channels_first\"."));
}

TEST_CASE("ZeroPadding2D passes the battery", "[layers]") {
  const auto x = random_tensor<double>({3, 2, 4, 2}, 1);
  CHECK(testing::layer_battery(layers::ZeroPadding2D<double>(), {x}, {.output = {3, 4, 6, 2}}) == no_faults);
  CHECK(testing::layer_battery(layers::ZeroPadding2D<double>({0, 2}), {x}, {.output = {3, 2, 8, 2}}) == no_faults);
  CHECK(testing::layer_battery(layers::ZeroPadding2D<double>({{0, 1}, {0, 0}}), {x}, {.output = {3, 3, 4, 2}}) ==
        no_faults);
}

TEST_CASE("ZeroPadding2D puts zeros where it says", "[layers]") {
  const Tensor<float> x({1, 1, 2, 1}, {5, 6});
  CHECK(same_bits(layers::ZeroPadding2D({{0, 1}, {2, 0}})(x), Tensor<float>({1, 2, 4, 1}, {0, 0, 5, 6, 0, 0, 0, 0})));
  CHECK(layers::ZeroPadding2D(3).compute_output_shape({None, None, 4, 2}) == Shape{None, None, 10, 2});
  CHECK_THROWS_MATCHES(layers::ZeroPadding2D({1, -2}, {.name = "z"}), ArgumentError,
                       Message("ZeroPadding2D 'z': padding must not be negative, got -2."));
  CHECK_THROWS_MATCHES(
      layers::ZeroPadding2D(1, {.name = "z"}).compute_output_shape({None, 4, 2}), ShapeError,
      Message("ZeroPadding2D 'z' expects (batch, height, width, channels), got (None, 4, 2). The batch "
              "axis is missing."));
}

TEST_CASE("ZeroPadding2D reads all of Keras's forms of padding", "[layers]") {
  const auto shape = [](const char* padding) {
    const saving::Json json = saving::Json::parse(std::string(R"({"name": "z", "padding": )") + padding + "}");
    saving::JsonConfigReader reader(json, "z");
    return layers::ZeroPadding2D<float>::from_config(reader).compute_output_shape({1, 10, 100, 1});
  };
  CHECK(shape("[[1, 2], [3, 4]]") == Shape{1, 13, 107, 1});
  CHECK(shape("[1, 2]") == Shape{1, 12, 104, 1});
  CHECK_THROWS_MATCHES(shape("[[1, 2, 3], [3, 4]]"), ArgumentError,
                       Message("ZeroPadding2D 'z': padding must be ((top, bottom), (left, right))."));
  CHECK_THROWS_MATCHES(shape("[]"), ArgumentError, Message("ZeroPadding2D 'z': padding must not be empty."));
}

TEST_CASE("Add passes the battery", "[layers]") {
  const auto x = random_tensor<double>({3, 2, 4, 2}, 1), y = random_tensor<double>({3, 2, 4, 2}, 2);
  CHECK(testing::layer_battery(layers::Add<double>(), {x, y}, {.output = {3, 2, 4, 2}}) == no_faults);
  CHECK(testing::layer_battery(layers::Add<double>(), {x, y, x}, {.output = {3, 2, 4, 2}}) == no_faults);
  const auto row = random_tensor<double>({3, 2}, 3), column = random_tensor<double>({3, 2, 1, 1}, 4);
  CHECK(testing::layer_battery(layers::Add<double>(), {row, x, column}, {.output = {3, 2, 4, 2}}) == no_faults);
}

TEST_CASE("Add refuses inputs that do not broadcast", "[layers]") {
  const layers::Add<float> add({.name = "a"});
  const auto shapes = [&](const std::vector<Shape>& in) { return add.compute_output_shapes(in); };
  CHECK(shapes({{None, 4}, {None, 1}})[0] == Shape{None, 4});
  CHECK_THROWS_MATCHES(shapes({{None, 4}}), ArgumentError, Message("Add 'a' expects at least 2 inputs, got 1."));
  CHECK_THROWS_MATCHES(add(Input({4})), ArgumentError, Message("Add 'a' expects at least 2 inputs, got 1."));
  CHECK_THROWS_MATCHES(
      shapes({{None, 4}, {None, 3}}), ShapeError,
      Message("Add 'a': inputs of the shapes (None, 4) and (None, 3) cannot be merged: an axis must have "
              "the same length in both, or 1."));
}

TEST_CASE("Add takes one tensor twice", "[layers]") {
  const auto x = random_tensor<double>({3, 4}, 1);
  const layers::Add<double> add;
  plan::Program<double> program(false);
  const ValueId input = program.input({None, 4});
  CHECK(program.shape(program.call(add, {input, input})[0]) == Shape{None, 4});
  const auto y = add(std::vector{x, x});
  CHECK((y.array() == 2 * x.array()).all());
}

TEST_CASE("Concatenate passes the battery", "[layers]") {
  const auto x = random_tensor<double>({3, 2, 4, 2}, 1), y = random_tensor<double>({3, 2, 4, 3}, 2);
  CHECK(testing::layer_battery(layers::Concatenate<double>(), {x, y}, {.output = {3, 2, 4, 5}}) == no_faults);
  const auto z = random_tensor<double>({3, 1, 4, 2}, 2);
  CHECK(testing::layer_battery(layers::Concatenate<double>({.axis = 1}), {x, z, x}, {.output = {3, 5, 4, 2}}) ==
        no_faults);
}

TEST_CASE("Concatenate refuses inputs that do not join", "[layers]") {
  const auto shape = [](Index axis, const std::vector<Shape>& in) {
    return layers::Concatenate({.axis = axis, .name = "c"}).compute_output_shapes(in)[0];
  };
  CHECK(shape(1, {{None, 2, 3}, {None, None, 3}}) == Shape{None, None, 3});
  CHECK_THROWS_MATCHES(shape(1, {{None, 2}}), ArgumentError,
                       Message("Concatenate 'c' expects at least 2 inputs, got 1."));
  CHECK_THROWS_MATCHES(shape(0, {{None, 2}, {None, 2}}), ShapeError,
                       Message("Concatenate 'c': axis 0 of its input (None, 2) is the batch; another one is needed."));
  CHECK_THROWS_MATCHES(shape(-2, {{None, 2}, {None, 2}}), ShapeError,
                       Message("Concatenate 'c': axis -2 of its input (None, 2) is the batch; another one is needed."));
  CHECK_THROWS_MATCHES(shape(2, {{None, 2}, {None, 2}}), ShapeError,
                       Message("Concatenate 'c': its input (None, 2) has no axis 2."));
  CHECK_THROWS_MATCHES(
      shape(-1, {{None, 2, 3}, {None, 4, 3}}), ShapeError,
      Message("Concatenate 'c': inputs of the shapes (None, 2, 3) and (None, 4, 3) cannot be joined along "
              "axis -1: all other axes must have equal lengths."));
}
