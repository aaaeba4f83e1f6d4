#include <graft/layers/normalization.hpp>
#include <graft/layers/rescaling.hpp>
#include <graft/testing/layer_battery.hpp>

#include "support/catch.hpp"
#include "support/golden.hpp"
#include "support/numeric.hpp"

using namespace graft;

namespace {

const std::vector<std::string> no_faults;

}  // namespace

TEMPLATE_TEST_CASE("Normalization passes the battery", "[layers][normalization]", float, double) {
  using layers::Normalization;
  const auto x = random_tensor<TestType>({3, 2, 4}, 1);
  CHECK(testing::layer_battery(Normalization<TestType>(), {x},
                               {.output = {3, 2, 4}, .non_trainable_weights = 3, .params = 9}) == no_faults);
  CHECK(testing::layer_battery(Normalization<TestType>({.axis = 1, .invert = true}), {x},
                               {.output = {3, 2, 4}, .non_trainable_weights = 3, .params = 5}) == no_faults);
  CHECK(testing::layer_battery(Normalization<TestType>({.mean = {0.5}, .variance = {4}}), {x}, {.output = {3, 2, 4}}) ==
        no_faults);
}

TEMPLATE_TEST_CASE("Rescaling of channels passes the battery", "[layers][rescaling]", float, double) {
  const auto x = random_tensor<TestType>({3, 2, 4}, 1);
  CHECK(testing::layer_battery(layers::Rescaling<TestType>({1, 2, -3, 0.5}, {.offset = 0.25}), {x},
                               {.output = {3, 2, 4}}) == no_faults);
  CHECK(testing::layer_battery(layers::Rescaling<TestType>(2), {x}, {.output = {3, 2, 4}}) == no_faults);
}

TEST_CASE("Normalization adapts to data, and its inverse goes back", "[layers][normalization]") {
  const auto data = random_tensor<double>({50, 3, 2}, 3, -5, 9);
  const layers::Normalization<double> layer, back({.invert = true});
  layer.adapt(data);
  back.adapt(data);
  const auto y = layer(data);
  for (Index c = 0; c < 2; ++c) {
    double sum = 0, squares = 0;
    for (Index i = c; i < y.size(); i += 2) {
      sum += y.data()[i];
      squares += y.data()[i] * y.data()[i];
    }
    CHECK(sum / 150 == Approx(0).margin(1e-13));  // 150 roundings of 1e-16, of values up to 10
    CHECK(squares / 150 == Approx(1));
  }
  CHECK(relative_error(back(y), data) < 1e-14);
}

TEST_CASE("Normalization adapts to a dataset as Keras does", "[layers][normalization][golden]") {
  const GoldenFile golden("misc");
  const auto cases = golden.group("adapt");
  REQUIRE(cases.size() == 3);
  for (const auto& one : cases) {
    CAPTURE(one["name"]);
    const auto x = golden.tensor<double>(one["input"]);
    const auto data = Dataset<double>::from_tensors(x);
    const layers::Normalization<double> layer({.axis = one["axis"].get<Index>()}),
        shuffled({.axis = one["axis"].get<Index>()});
    layer.adapt(data.batch(one["batch"].get<Index>()));
    shuffled.adapt(data.shuffle(3));
    // A few dozen roundings of 1e-16; the variance is a sum of squares.
    for (const auto* adapted : {&layer, &shuffled}) {
      CHECK(relative_error(adapted->get_weights()[0], golden.tensor<double>(one["mean"])) < 1e-14);
      CHECK(relative_error(adapted->get_weights()[1], golden.tensor<double>(one["variance"])) < 1e-14);
    }
  }
}

TEST_CASE("Normalization adapts to a stream, and to nothing else than one input", "[layers][normalization]") {
  const auto x = random_tensor<double>({9, 4}, 1);
  Index batches = 0;
  const auto stream = Dataset<double>::from_generator([&]() -> std::optional<Batch<double>> {
    if (batches == 3) return std::nullopt;
    const Index first = 3 * batches++;
    Tensor<double> rows({3, 4});
    std::copy_n(x.data() + 4 * first, 12, rows.data());
    Batch<double> batch;
    batch.x.push_back(std::move(rows));
    return batch;
  });
  const layers::Normalization<double> whole, joined({.name = "n"});
  whole.adapt(x);
  joined.adapt(stream);
  for (const std::size_t i : {0u, 1u}) CHECK(relative_error(joined.get_weights()[i], whole.get_weights()[i]) < 1e-14);
  const auto before = joined.get_weights();
  CHECK_THROWS_MATCHES(joined.adapt(Dataset<double>::from_tensors(std::vector{x, x})), ArgumentError,
                       Message("Normalization 'n': adapt() takes a dataset of one input, got 2."));
  CHECK_THROWS_MATCHES(joined.adapt(stream), ArgumentError, Message("Normalization 'n': adapt() got no data."));
  for (const std::size_t i : {0u, 1u}) CHECK(same_bits(joined.get_weights()[i], before[i]));
}

TEST_CASE("Normalization of a constant channel gives zeros", "[layers][normalization]") {
  const layers::Normalization<float> layer;
  Tensor<float> data({4, 1});
  data.array() = 3;
  layer.adapt(data);
  CHECK(layer(data).array().isZero());
}

TEST_CASE("Normalization and Rescaling refuse what does not go together", "[layers][normalization]") {
  using layers::Normalization;
  CHECK_THROWS_MATCHES(
      Normalization({.mean = {1, 2}, .variance = {1}, .name = "n"}), ArgumentError,
      Message("Normalization 'n': mean and variance must be given together and be of one length, got 2 "
              "and 1 numbers."));
  CHECK_THROWS_MATCHES(
      Normalization({.name = "n"}).compute_output_shape({None, 4, None}), ShapeError,
      Message("Normalization 'n' needs to know axis -1 of its input, got (None, 4, None). Give Input() "
              "that axis."));
  CHECK_THROWS_MATCHES(Normalization({.mean = {1, 2}, .variance = {1, 1}, .name = "n"}).compute_output_shape({None, 3}),
                       ShapeError, Message("Normalization 'n' expects 2 elements on axis -1, got (None, 3)."));
  CHECK_THROWS_MATCHES(Normalization({.mean = {1}, .variance = {1}, .name = "n"}).adapt(Tensor<float>({2, 3})),
                       StateError, Message("Normalization 'n': adapt() on a layer that was given mean and variance."));
  CHECK_THROWS_MATCHES(Normalization({.name = "n"}).adapt(Tensor<float>({0, 3})), ArgumentError,
                       Message("Normalization 'n': adapt() got no data."));
  saving::Json config{{"name", "n"}, {"axis", {1, 2}}};
  saving::JsonConfigReader reader(config, "n");
  CHECK_THROWS_MATCHES(Normalization<float>::from_config(reader), ArgumentError,
                       Message("Normalization 'n': axis must be one axis, got 2."));
  CHECK_THROWS_MATCHES(layers::Rescaling(std::vector<double>{}, {.name = "r"}), ArgumentError,
                       Message("Rescaling 'r': scale must be a number or one for each channel, got none."));
  CHECK_THROWS_MATCHES(layers::Rescaling({1, 2}, {.name = "r"}).compute_output_shape({None, 3}), ShapeError,
                       Message("Rescaling 'r' expects 2 as the last axis of its input, got (None, 3)."));
}
