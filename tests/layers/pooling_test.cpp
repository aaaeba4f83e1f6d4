#include <graft/layers/average_pooling1d.hpp>
#include <graft/layers/average_pooling2d.hpp>
#include <graft/layers/global_average_pooling1d.hpp>
#include <graft/layers/global_average_pooling2d.hpp>
#include <graft/layers/global_max_pooling1d.hpp>
#include <graft/layers/global_max_pooling2d.hpp>
#include <graft/layers/max_pooling1d.hpp>
#include <graft/layers/max_pooling2d.hpp>
#include <graft/testing/layer_battery.hpp>

#include "support/catch.hpp"
#include "support/numeric.hpp"

using namespace graft;

namespace {

const std::vector<std::string> no_faults;

/// Distinct values a hundredth apart, in random order: a step of 1e-5 changes no winner.
template <class S = double>
Tensor<S> distinct(const Shape& shape) {
  Tensor<S> x(shape);
  for (Index i = 0; i < x.size(); ++i) x.data()[i] = static_cast<S>(0.01 * static_cast<double>(i));
  const RandomStream stream(3);
  for (Index i = x.size() - 1; i > 0; --i)
    std::swap(x.data()[i], x.data()[stream.below(static_cast<std::uint64_t>(i), static_cast<std::uint64_t>(i) + 1)]);
  return x;
}

}  // namespace

TEMPLATE_TEST_CASE("MaxPooling2D passes the battery", "[layers][pooling]", float, double) {
  using layers::MaxPooling2D;
  const auto x = distinct<TestType>({3, 5, 7, 2});
  CHECK(testing::layer_battery(MaxPooling2D<TestType>(), {x}, {.output = {3, 2, 3, 2}}) == no_faults);
  CHECK(testing::layer_battery(MaxPooling2D<TestType>({3, 2}, {.strides = Size2D(1, 2), .padding = "same"}), {x},
                               {.output = {3, 5, 4, 2}}) == no_faults);
}

TEMPLATE_TEST_CASE("AveragePooling2D passes the battery", "[layers][pooling]", float, double) {
  using layers::AveragePooling2D;
  const auto x = distinct<TestType>({3, 5, 7, 2});
  CHECK(testing::layer_battery(AveragePooling2D<TestType>(2), {x}, {.output = {3, 2, 3, 2}}) == no_faults);
  CHECK(testing::layer_battery(AveragePooling2D<TestType>(3, {.strides = 1, .padding = "SAME"}), {x},
                               {.output = {3, 5, 7, 2}}) == no_faults);
}

TEMPLATE_TEST_CASE("Global pooling passes the battery", "[layers][pooling]", float, double) {
  const auto x = distinct<TestType>({3, 5, 7, 2});
  CHECK(testing::layer_battery(layers::GlobalAveragePooling2D<TestType>(), {x}, {.output = {3, 2}}) == no_faults);
  CHECK(testing::layer_battery(layers::GlobalAveragePooling2D<TestType>({.keepdims = true}), {x},
                               {.output = {3, 1, 1, 2}}) == no_faults);
  CHECK(testing::layer_battery(layers::GlobalMaxPooling2D<TestType>(), {x}, {.output = {3, 2}}) == no_faults);
  CHECK(testing::layer_battery(layers::GlobalMaxPooling2D<TestType>({.keepdims = true}), {x},
                               {.output = {3, 1, 1, 2}}) == no_faults);
}

TEMPLATE_TEST_CASE("Pooling over sequences passes the battery", "[layers][pooling]", float, double) {
  const auto x = distinct<TestType>({3, 7, 2});
  CHECK(testing::layer_battery(layers::MaxPooling1D<TestType>(), {x}, {.output = {3, 3, 2}}) == no_faults);
  CHECK(testing::layer_battery(layers::MaxPooling1D<TestType>(3, {.strides = 1, .padding = "same"}), {x},
                               {.output = {3, 7, 2}}) == no_faults);
  CHECK(testing::layer_battery(layers::AveragePooling1D<TestType>(3, {.strides = 2, .padding = "same"}), {x},
                               {.output = {3, 4, 2}}) == no_faults);
  CHECK(testing::layer_battery(layers::GlobalAveragePooling1D<TestType>(), {x}, {.output = {3, 2}}) == no_faults);
  CHECK(testing::layer_battery(layers::GlobalMaxPooling1D<TestType>({.keepdims = true}), {x}, {.output = {3, 1, 2}}) ==
        no_faults);
}

TEST_CASE("Pooling layers infer open axes", "[layers][pooling]") {
  CHECK(layers::MaxPooling2D(2).compute_output_shape({None, None, 7, 3}) == Shape{None, None, 3, 3});
  CHECK(layers::AveragePooling2D(2, {.padding = "same"}).compute_output_shape({None, 5, None, 3}) ==
        Shape{None, 3, None, 3});
  CHECK(layers::GlobalMaxPooling2D().compute_output_shape({None, None, None, 8}) == Shape{None, 8});
  CHECK(layers::MaxPooling1D(2, {.strides = 3}).compute_output_shape({None, None, 4}) == Shape{None, None, 4});
  CHECK(layers::AveragePooling1D(2, {.strides = 3}).compute_output_shape({None, 8, 4}) == Shape{None, 3, 4});
  CHECK(layers::GlobalAveragePooling1D({.keepdims = true}).compute_output_shape({None, None, 8}) == Shape{None, 1, 8});
}

TEST_CASE("Pooling layers get Keras's automatic names", "[layers][pooling]") {
  utils::clear_session();
  CHECK(layers::MaxPooling2D().name() == "max_pooling2d");
  CHECK(layers::MaxPooling2D().name() == "max_pooling2d_1");
  CHECK(layers::AveragePooling2D().name() == "average_pooling2d");
  CHECK(layers::GlobalAveragePooling2D().name() == "global_average_pooling2d");
  CHECK(layers::GlobalMaxPooling2D().name() == "global_max_pooling2d");
  CHECK(layers::GlobalMaxPooling2D({.name = "top"}).name() == "top");
  CHECK(layers::MaxPooling1D().name() == "max_pooling1d");
  CHECK(layers::AveragePooling1D(2).name() == "average_pooling1d");
  CHECK(layers::GlobalAveragePooling1D().name() == "global_average_pooling1d");
  CHECK(layers::GlobalMaxPooling1D().name() == "global_max_pooling1d");
}

TEST_CASE("Pooling layers refuse options and inputs outside their rules", "[layers][pooling]") {
  using layers::MaxPooling2D;
  CHECK_THROWS_MATCHES(MaxPooling2D(0, {.name = "p"}), ArgumentError,
                       Message("MaxPooling2D 'p': pool_size must be at least 1, got 0x0."));
  CHECK_THROWS_MATCHES(MaxPooling2D(2, {.strides = Size2D(1, 0), .name = "p"}), ArgumentError,
                       Message("MaxPooling2D 'p': strides must be at least 1, got 1x0."));
  CHECK_THROWS_MATCHES(MaxPooling2D(2, {.padding = "full", .name = "p"}), ArgumentError,
                       Message("MaxPooling2D 'p': padding must be \"valid\" or \"same\", got \"full\"."));
  CHECK_THROWS_MATCHES(MaxPooling2D(2, {.data_format = "channels_first", .name = "p"}), ArgumentError,
                       Message("MaxPooling2D 'p': data_format must be \"channels_last\", got \"channels_first\"."));
  CHECK_THROWS_MATCHES(
      MaxPooling2D(3, {.name = "p"}).compute_output_shape({None, 2, 7, 1}), ShapeError,
      Message("MaxPooling2D 'p': a window of 3x3 does not fit the input (None, 2, 7, 1). Use padding = "
              "\"same\", a smaller window or larger images."));
  CHECK_THROWS_MATCHES(
      layers::AveragePooling2D(3, {.name = "p"})(Tensor<float>({5, 7, 3})), ShapeError,
      Message("AveragePooling2D 'p' expects (batch, height, width, channels), got (5, 7, 3). The batch "
              "axis is missing."));
  CHECK_THROWS_MATCHES(layers::GlobalMaxPooling2D({.name = "p"}).compute_output_shape({None, 8}), ShapeError,
                       Message("GlobalMaxPooling2D 'p' expects (batch, height, width, channels), got (None, 8)."));
  CHECK_THROWS_MATCHES(layers::GlobalAveragePooling2D({.name = "p"}).compute_output_shape({None, 0, 4, 8}), ShapeError,
                       Message("GlobalAveragePooling2D 'p' needs at least one pixel, got (None, 0, 4, 8)."));
  CHECK_THROWS_MATCHES(
      layers::GlobalAveragePooling2D({.data_format = "channels_first", .name = "p"}), ArgumentError,
      Message("GlobalAveragePooling2D 'p': data_format must be \"channels_last\", got \"channels_first\"."));
}

TEST_CASE("Pooling layers over sequences refuse options and inputs outside their rules", "[layers][pooling]") {
  CHECK_THROWS_MATCHES(layers::AveragePooling1D(0, {.name = "p"}), ArgumentError,
                       Message("AveragePooling1D 'p': pool_size must be at least 1, got 0."));
  CHECK_THROWS_MATCHES(layers::MaxPooling1D(2, {.strides = 0, .name = "p"}), ArgumentError,
                       Message("MaxPooling1D 'p': strides must be at least 1, got 0."));
  CHECK_THROWS_MATCHES(layers::MaxPooling1D(2, {.padding = "causal", .name = "p"}), ArgumentError,
                       Message("MaxPooling1D 'p': padding must be \"valid\" or \"same\", got \"causal\"."));
  CHECK_THROWS_MATCHES(layers::MaxPooling1D(3, {.name = "p"}).compute_output_shape({None, 2, 1}), ShapeError,
                       Message("MaxPooling1D 'p': a window of 3 does not fit the input (None, 2, 1). Use padding = "
                               "\"same\", a smaller window or longer sequences."));
  CHECK_THROWS_MATCHES(layers::GlobalMaxPooling1D({.name = "p"}).compute_output_shape({None, 2, 2, 1}), ShapeError,
                       Message("GlobalMaxPooling1D 'p' expects (batch, steps, channels), got (None, 2, 2, 1)."));
  CHECK_THROWS_MATCHES(layers::GlobalAveragePooling1D({.name = "p"}).compute_output_shape({None, 0, 8}), ShapeError,
                       Message("GlobalAveragePooling1D 'p' needs at least one step, got (None, 0, 8)."));
}
