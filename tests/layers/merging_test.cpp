#include <graft/layers/average.hpp>
#include <graft/layers/dot.hpp>
#include <graft/layers/input_layer.hpp>
#include <graft/layers/maximum.hpp>
#include <graft/layers/minimum.hpp>
#include <graft/layers/subtract.hpp>
#include <graft/testing/layer_battery.hpp>

#include "support/catch.hpp"
#include "support/numeric.hpp"

using namespace graft;

namespace {

const std::vector<std::string> no_faults;

template <class L>
void check_merge(const L& layer) {
  const auto x = random_tensor<double>({3, 2, 4, 2}, 1), y = random_tensor<double>({3, 2, 4, 2}, 2);
  const auto row = random_tensor<double>({3, 2}, 3), column = random_tensor<double>({3, 2, 1, 1}, 4);
  INFO(layer.class_name());
  CHECK(testing::layer_battery(layer, {x, y}, {.output = {3, 2, 4, 2}}) == no_faults);
  CHECK(testing::layer_battery(layer, {row, x}, {.output = {3, 2, 4, 2}}) == no_faults);
  if (layer.class_name() != "Subtract")
    CHECK(testing::layer_battery(layer, {x, column, row}, {.output = {3, 2, 4, 2}}) == no_faults);
}

}  // namespace

TEST_CASE("Subtract, Average, Maximum and Minimum pass the battery", "[layers]") {
  check_merge(layers::Subtract<double>());
  check_merge(layers::Average<double>());
  check_merge(layers::Maximum<double>());
  check_merge(layers::Minimum<double>());
}

TEST_CASE("Merge layers compute what they are called", "[layers]") {
  const Tensor<float> a({1, 3}, {1, 5, -4}), b({1, 3}, {2, 3, -4}), c({1, 3}, {9, 1, 2});
  CHECK(same_bits(layers::Subtract()(std::vector{a, b}), Tensor<float>({1, 3}, {-1, 2, 0})));
  CHECK(same_bits(layers::Average()(std::vector{a, b, c}), Tensor<float>({1, 3}, {4, 3, -2})));
  CHECK(same_bits(layers::Maximum()(std::vector{a, b, c}), Tensor<float>({1, 3}, {9, 5, 2})));
  CHECK(same_bits(layers::Minimum()(std::vector{a, b, c}), Tensor<float>({1, 3}, {1, 1, -4})));
}

TEST_CASE("Merge layers are named as in Keras", "[layers]") {
  utils::clear_session();
  CHECK(layers::Subtract().name() == "subtract");
  CHECK(layers::Average().name() == "average");
  CHECK(layers::Maximum().name() == "maximum");
  CHECK(layers::Minimum().name() == "minimum");
  CHECK(layers::Dot(1).name() == "dot");
  CHECK(layers::Dot(1).name() == "dot_1");
}

TEST_CASE("Subtract takes two inputs, others two and more", "[layers]") {
  const Shape s{None, 4};
  const auto shapes = [&](const auto& layer, Index n) {
    return layer.compute_output_shapes(std::vector<Shape>(to_size(n), s));
  };
  CHECK_THROWS_MATCHES(shapes(layers::Subtract({.name = "s"}), 3), ArgumentError,
                       Message("Subtract 's' expects 2 inputs, got 3."));
  CHECK_THROWS_MATCHES(shapes(layers::Subtract({.name = "s"}), 1), ArgumentError,
                       Message("Subtract 's' expects 2 inputs, got 1."));
  CHECK_THROWS_MATCHES(shapes(layers::Maximum({.name = "m"}), 1), ArgumentError,
                       Message("Maximum 'm' expects at least 2 inputs, got 1."));
  CHECK(shapes(layers::Maximum(), 5)[0] == s);
  CHECK_THROWS_MATCHES(
      layers::Average({.name = "a"})({Input({4}), Input({3})}), ShapeError,
      Message("Average 'a': inputs of the shapes (None, 4) and (None, 3) cannot be merged: an axis must have "
              "the same length in both, or 1."));
}

TEST_CASE("Dot passes the battery", "[layers]") {
  const auto vector = random_tensor<double>({3, 5}, 1), other = random_tensor<double>({3, 5}, 2);
  const auto matrix = random_tensor<double>({3, 5, 2}, 3), columns = random_tensor<double>({3, 4, 5}, 4);
  for (const bool normalize : {false, true}) {
    const layers::DotOptions options{.normalize = normalize};
    CHECK(testing::layer_battery(layers::Dot<double>(1, options), {vector, other}, {.output = {3, 1}}) == no_faults);
    CHECK(testing::layer_battery(layers::Dot<double>(-1, options), {columns, vector}, {.output = {3, 4}}) == no_faults);
    CHECK(testing::layer_battery(layers::Dot<double>({1, 2}, options), {matrix, columns}, {.output = {3, 2, 4}}) ==
          no_faults);
    CHECK(testing::layer_battery(layers::Dot<double>({-2, -1}, options), {matrix, columns}, {.output = {3, 2, 4}}) ==
          no_faults);
  }
}

TEST_CASE("Dot infers its output and refuses axes that do not fit", "[layers]") {
  const auto shape = [](layers::DotAxes axes, const std::vector<Shape>& in) {
    return layers::Dot(axes, {.name = "d"}).compute_output_shapes(in)[0];
  };
  CHECK(shape({2, 3}, {{None, 4, 6, None}, {None, 3, None, 6}}) == Shape{None, 4, None, 3, None});
  CHECK(shape(1, {{None, 4}, {7, 4}}) == Shape{7, 1});
  CHECK_THROWS_MATCHES(shape(1, {{None, 4}}), ArgumentError, Message("Dot 'd' expects 2 inputs, got 1."));
  CHECK_THROWS_MATCHES(shape(0, {{None, 4}, {None, 4}}), ShapeError,
                       Message("Dot 'd': axis 0 of its input (None, 4) is the batch; another one is needed."));
  CHECK_THROWS_MATCHES(shape({1, 2}, {{None, 4}, {None, 4}}), ShapeError,
                       Message("Dot 'd': its input (None, 4) has no axis 2."));
  CHECK_THROWS_MATCHES(shape(1, {{None}, {None, 4}}), ShapeError,
                       Message("Dot 'd' expects (batch, ..), got (None,). The batch axis is missing."));
  CHECK_THROWS_MATCHES(
      shape({2, 1}, {{None, 4, 5}, {None, 4}}), ShapeError,
      Message("Dot 'd': inputs of the shapes (None, 4, 5) and (None, 4) have no product along axis 2 of the first and "
              "axis 1 of the second: these need equal lengths, and so do the batches."));
  CHECK_THROWS_AS(shape(1, {{3, 4}, {2, 4}}), ShapeError);
}

TEST_CASE("Dot keeps the form of its axes", "[layers][saving]") {
  const auto again = [](const char* axes) {
    const saving::Json json = saving::Json::parse(std::string(R"({"name": "d", "axes": )") + axes + "}");
    saving::JsonConfigReader reader(json, "d");
    saving::Json written;
    saving::JsonConfigWriter writer(written);
    layers::Dot<float>::from_config(reader).config(writer);
    return written["axes"].dump();
  };
  CHECK(again("-1") == "-1");
  CHECK(again("[1, 2]") == "[1,2]");
  CHECK_THROWS_MATCHES(again("[1, 2, 3]"), ArgumentError, Message("Dot 'd': axes must be one axis or two, got 3."));
  CHECK_THROWS_MATCHES(again("[]"), ArgumentError, Message("Dot 'd': axes must be one axis or two, got 0."));
}

TEST_CASE("Dot takes one tensor twice", "[layers]") {
  const Tensor<double> x({2, 3}, {1, 2, 2, 3, 0, -4});
  CHECK(same_bits(layers::Dot<double>(1)(std::vector{x, x}), Tensor<double>({2, 1}, {9, 25})));
  const auto in = Input<double>({3});
  CHECK(layers::Dot<double>(1)({in, in}).shape() == Shape{None, 1});
}
