#include <graft/layers/batch_normalization.hpp>
#include <graft/layers/conv2d_transpose.hpp>
#include <graft/layers/relu.hpp>
#include <graft/models/sequential.hpp>
#include <graft/testing/layer_battery.hpp>

#include "support/catch.hpp"
#include "support/numeric.hpp"

using namespace graft;

namespace {

const std::vector<std::string> no_faults;

/// Every input pixel adds its kernel to the output: what a transposed convolution is by definition. The output begins
/// `before` rows and columns after the first row and column that is added to.
Tensor<double> scattered(const Tensor<double>& x, const Tensor<double>& kernel, Index stride, Index dilation,
                         Index before, const Shape& output) {
  Tensor<double> y(output);
  const auto inside = [&](Index at, Index axis) { return at >= 0 && at < output[axis]; };
  for (Index n = 0; n < x.shape()[0]; ++n)
    for (Index i = 0; i < x.shape()[1]; ++i)
      for (Index j = 0; j < x.shape()[2]; ++j)
        for (Index p = 0; p < kernel.shape()[0]; ++p)
          for (Index q = 0; q < kernel.shape()[1]; ++q) {
            const Index row = i * stride + p * dilation - before, column = j * stride + q * dilation - before;
            if (!inside(row, 1) || !inside(column, 2)) continue;
            for (Index f = 0; f < kernel.shape()[2]; ++f)
              for (Index c = 0; c < kernel.shape()[3]; ++c) y(n, row, column, f) += x(n, i, j, c) * kernel(p, q, f, c);
          }
  return y;
}

}  // namespace

TEMPLATE_TEST_CASE("Conv2DTranspose passes the battery", "[layers][conv2d_transpose]", float, double) {
  using layers::Conv2DTranspose;
  const auto x = random_tensor<TestType>({3, 3, 4, 2}, 1);
  CHECK(testing::layer_battery(Conv2DTranspose<TestType>(4, 3), {x},
                               {.output = {3, 5, 6, 4}, .trainable_weights = 2, .params = 76}) == no_faults);
  CHECK(testing::layer_battery(
            Conv2DTranspose<TestType>(3, {2, 3}, {.strides = 2, .padding = "same", .activation = "tanh"}), {x},
            {.output = {3, 6, 8, 3}, .trainable_weights = 2, .params = 39}) == no_faults);
  CHECK(testing::layer_battery(
            Conv2DTranspose<TestType>(1, 1, {.strides = 3, .output_padding = Size2D(2, 0), .use_bias = false}), {x},
            {.output = {3, 9, 10, 1}, .trainable_weights = 1, .params = 2}) == no_faults);
  CHECK(testing::layer_battery(Conv2DTranspose<TestType>(2, 3, {.padding = "same", .dilation_rate = 2}), {x},
                               {.output = {3, 3, 4, 2}, .trainable_weights = 2, .params = 38}) == no_faults);
}

TEST_CASE("A transposed convolution adds a kernel for each pixel", "[layers][conv2d_transpose]") {
  const Index kernel = GENERATE(1, 2, 3, 4), stride = GENERATE(1, 2, 3), dilation = GENERATE(1, 2, 3);
  const std::string padding = GENERATE("valid", "same");
  const Index channels = GENERATE(3, 17);  // 17: above what Winograd's transforms need
  if (stride > 1 && dilation > 1) return;
  const layers::Conv2DTranspose<double> layer(
      channels, kernel, {.strides = stride, .padding = padding, .dilation_rate = dilation, .use_bias = false});
  const auto x = random_tensor<double>({2, 3, 5, channels}, 1);
  const auto y = layer(x);
  const Index needed = 2 * stride + (kernel - 1) * dilation + 1, rows = y.shape()[1];
  const Index before = padding == "same" ? std::max<Index>(needed - rows, 0) / 2 : 0;
  const auto expected = scattered(x, layer.kernel().value(), stride, dilation, before, y.shape());
  CHECK(relative_error(y, expected) < 1e-13);  // sums of at most 16 * 17 products; Winograd's lose a digit
}

TEST_CASE("A normalization that does not learn is folded into a transposed convolution", "[layers][conv2d_transpose]") {
  const layers::Conv2DTranspose<double> convolution(4, 3, {.strides = 2});
  const layers::BatchNormalization<double> normalization;
  const layers::ReLU<double> relu;
  const Sequential<double> model({Input<double>({4, 5, 3}), convolution, normalization, relu});
  auto weights = model.get_weights();
  for (std::size_t i = 0; i < weights.size(); ++i) weights[i] = random_tensor<double>(weights[i].shape(), i, 0.5, 1.5);
  model.set_weights(weights);
  const auto x = random_tensor<double>({2, 4, 5, 3}, 9);
  const auto plain = model.predict(x);
  for (auto& layer : model.layers()) layer.trainable = false;
  model.compile({.optimizer = "sgd", .loss = "mean_squared_error"});
  // Folding multiplies the kernel instead of the sum of at most 12 products.
  CHECK(model.evaluate(x, plain, {.verbose = 0}).at("loss") < 1e-28);
  const auto step_by_step = relu(normalization(convolution(x)));
  CHECK(relative_error(model.predict(x), step_by_step) < 1e-14);
}

TEST_CASE("Conv2DTranspose infers open axes and has Keras's names", "[layers][conv2d_transpose]") {
  utils::clear_session();
  CHECK(layers::Conv2DTranspose(2, 3).name() == "conv2d_transpose");
  CHECK(layers::Conv2DTranspose(8, 4, {.strides = 2, .padding = "SAME"}).compute_output_shape({None, None, 7, 4}) ==
        Shape{None, None, 14, 8});
}

TEST_CASE("Conv2DTranspose refuses options and inputs outside their rules", "[layers][conv2d_transpose]") {
  using layers::Conv2DTranspose;
  CHECK_THROWS_MATCHES(Conv2DTranspose(0, 3, {.name = "c"}), ArgumentError,
                       Message("Conv2DTranspose 'c': filters must be at least 1, got 0."));
  CHECK_THROWS_MATCHES(Conv2DTranspose(2, {3, 0}, {.name = "c"}), ArgumentError,
                       Message("Conv2DTranspose 'c': kernel_size must be at least 1, got 3x0."));
  CHECK_THROWS_MATCHES(Conv2DTranspose(2, 3, {.strides = 2, .dilation_rate = 2, .name = "c"}), ArgumentError,
                       Message("Conv2DTranspose 'c': strides and dilation_rate cannot both be larger than 1."));
  CHECK_THROWS_MATCHES(Conv2DTranspose(2, 3, {.padding = "causal", .name = "c"}), ArgumentError,
                       Message("Conv2DTranspose 'c': padding must be \"valid\" or \"same\", got \"causal\"."));
  CHECK_THROWS_MATCHES(
      Conv2DTranspose(2, 3, {.strides = {2, 3}, .output_padding = 2, .name = "c"}), ArgumentError,
      Message("Conv2DTranspose 'c': output_padding must be at least 0 and below strides = 2x3, got 2x2."));
  CHECK_THROWS_MATCHES(
      Conv2DTranspose(2, 3, {.strides = 2, .output_padding = Size2D(1, -1), .name = "c"}), ArgumentError,
      Message("Conv2DTranspose 'c': output_padding must be at least 0 and below strides = 2x2, got 1x-1."));
  CHECK_THROWS_MATCHES(
      Conv2DTranspose(2, 4, {.strides = 2, .padding = "same", .output_padding = 0, .name = "c"}), ArgumentError,
      Message("Conv2DTranspose 'c': output_padding = 0 with padding = \"same\" needs an odd kernel, got "
              "4x4. Leave output_padding out, or make it larger."));
  CHECK_THROWS_MATCHES(Conv2DTranspose(2, 3, {.data_format = "channels_first", .name = "c"}), ArgumentError,
                       Message("Conv2DTranspose 'c': data_format must be \"channels_last\", got \"channels_first\"."));
  CHECK_THROWS_MATCHES(Conv2DTranspose(2, 3, {.name = "c"}).compute_output_shape({None, 2, 2}), ShapeError,
                       Message("Conv2DTranspose 'c' expects (batch, height, width, channels), got (None, 2, 2). The "
                               "batch axis is missing."));
  CHECK_THROWS_MATCHES(Conv2DTranspose(2, 3, {.name = "c"}).compute_output_shape({None, 0, 2, 3}), ShapeError,
                       Message("Conv2DTranspose 'c' needs at least one pixel, got (None, 0, 2, 3)."));
  CHECK_THROWS_MATCHES(Conv2DTranspose(2, 3, {.name = "c"}).compute_output_shape({None, 2, 2, None}), ShapeError,
                       Message("Conv2DTranspose 'c' needs to know the last axis of its input, got (None, 2, 2, None). "
                               "Give Input() that axis."));
}
