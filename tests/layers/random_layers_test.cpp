#include <graft/layers/dropout.hpp>
#include <graft/layers/gaussian_dropout.hpp>
#include <graft/layers/gaussian_noise.hpp>
#include <graft/layers/random_flip.hpp>
#include <graft/layers/random_rotation.hpp>
#include <graft/layers/random_translation.hpp>
#include <graft/layers/random_zoom.hpp>
#include <graft/layers/spatial_dropout2d.hpp>
#include <graft/models/sequential.hpp>
#include <graft/testing/layer_battery.hpp>

#include "support/catch.hpp"
#include "support/numeric.hpp"

using namespace graft;

namespace {

const std::vector<std::string> no_faults;

template <class L>
Tensor<double> trained(const L& layer, const Tensor<double>& x, Run run = {.seed = 1}) {
  return testing::LayerRun<double>(layer, {x}, {.training = true, .run = run}).forward().front();
}
template <class L>
bool is_identity_in_inference(const L& layer, const Tensor<double>& x) {
  plan::Program<double> program(false);
  const ValueId input = program.input(x.shape().with_front(None));
  return program.call(layer, {input}) == std::vector<ValueId>{input} && program.steps.empty() &&
         same_bits(layer(x, {.training = false}), x);
}

}  // namespace

TEST_CASE("Dropout passes the battery", "[layers][random]") {
  const auto x = random_tensor<double>({4, 3, 5}, 1);
  CHECK(testing::layer_battery(layers::Dropout<double>(0.4), {x}, {.output = {4, 3, 5}, .random = true}) == no_faults);
  CHECK(testing::layer_battery(layers::Dropout<double>(0.4, {.noise_shape = {None, 1, 5}, .seed = 3}), {x},
                               {.output = {4, 3, 5}, .random = true}) == no_faults);
  CHECK(testing::layer_battery(layers::Dropout<double>(1), {x}, {.output = {4, 3, 5}}) == no_faults);
}

TEST_CASE("Dropout scales what it keeps", "[layers][random]") {
  Tensor<double> x({100, 100});
  x.array() = 1;
  const double rate = 0.3;
  const auto y = trained(layers::Dropout<double>(rate), x);
  Index kept = 0;
  for (const double v : y) {
    CHECK((v == 0 || v == 1 / (1 - rate)));
    kept += v != 0;
  }
  // 10000 coins: a standard deviation of 46, so five of them are 230.
  CHECK(std::abs(static_cast<double>(kept) - 7000) < 230);
}

TEST_CASE("Dropout's noise_shape repeats the mask", "[layers][random]") {
  Tensor<double> x({3, 4, 50});
  x.array() = 1;
  const auto y = trained(layers::Dropout<double>(0.5, {.noise_shape = {None, 1, None}}), x);
  for (Index i = 0; i < 3; ++i)
    for (Index j = 1; j < 4; ++j)
      for (Index k = 0; k < 50; ++k) CHECK(y(i, j, k) == y(i, 0, k));
  CHECK_FALSE(same_bits(y[0], y[1]));
}

TEST_CASE("Dropout acts in training only, and not at rate 0", "[layers][random]") {
  const auto x = random_tensor<double>({4, 6}, 1);
  CHECK(is_identity_in_inference(layers::Dropout<double>(0.5), x));
  CHECK(same_bits(trained(layers::Dropout<double>(0), x), x));
  layers::Dropout<double> frozen(0.5, {.trainable = false});
  CHECK_FALSE(same_bits(trained(frozen, x), x));
}

TEST_CASE("Random layers draw by seed, iteration and their own place in the graph", "[layers][random]") {
  const auto x = random_tensor<double>({4, 50}, 1);
  const layers::Dropout<double> dropout(0.5), seeded(0.5, {.seed = 7}), seeded_too(0.5, {.seed = 7});
  const auto y = trained(dropout, x, {.seed = 1, .iteration = 3});
  CHECK(same_bits(y, trained(dropout, x, {.seed = 1, .iteration = 3})));
  CHECK_FALSE(same_bits(y, trained(dropout, x, {.seed = 2, .iteration = 3})));
  CHECK_FALSE(same_bits(y, trained(dropout, x, {.seed = 1, .iteration = 4})));
  CHECK_FALSE(same_bits(y, trained(seeded, x, {.seed = 1, .iteration = 3})));
  CHECK(same_bits(trained(seeded, x), trained(seeded_too, x)));
  CHECK(same_bits(trained(seeded, x, {.seed = 1}), trained(seeded, x, {.seed = 2})));
  CHECK_FALSE(same_bits(trained(seeded, x, {.iteration = 1}), trained(seeded, x, {.iteration = 2})));

  plan::Program<double> program(true);
  const ValueId input = program.input({None, 50});
  program.call(dropout, program.call(dropout, {input}));
  plan::finish(program, {program.steps.back().out});
  CHECK(program.prefix_steps == 0);  // random steps are never computed once per sample
  plan::Part<double> part{.steps = {0, 1}, .feeds = {input}, .shapes = {x.shape()}, .fetch = {}, .backward = false};
  for (const auto& step : program.steps) part.fetch.push_back(step.out);
  plan::Executor<double> executor(
      plan::Binding<double>(std::make_shared<plan::Program<double>>(std::move(program)), part, 4),
      std::make_shared<plan::PackedStore<double>>());
  executor.value(input, 4);
  std::fill_n(executor.value(input, 4).data, 200, 1.0);
  executor.forward(4, {.seed = 1});
  const View<double> once = executor.value(part.fetch[0], 4), twice = executor.value(part.fetch[1], 4);
  Index kept = 0, kept_twice = 0;
  for (Index i = 0; i < once.size(); ++i) {
    kept += once.data[i] != 0;
    kept_twice += twice.data[i] != 0;
  }
  CHECK(kept_twice < kept);  // one mask twice would keep what it kept
}

TEST_CASE("Dropout refuses rates and masks outside their rules", "[layers][random]") {
  using layers::Dropout;
  CHECK_THROWS_MATCHES(Dropout(1.5, {.name = "d"}), ArgumentError,
                       Message("Dropout 'd': rate must lie in 0 .. 1, got 1.5."));
  CHECK_THROWS_MATCHES(Dropout(std::nan(""), {.name = "d"}), ArgumentError,
                       Message("Dropout 'd': rate must lie in 0 .. 1, got nan."));
  CHECK_THROWS_MATCHES(Dropout(0.5, {.noise_shape = {None, 0}, .name = "d"}), ArgumentError,
                       Message("Dropout 'd': noise_shape must hold lengths or None, got (None, 0)."));
  CHECK_THROWS_MATCHES(Dropout(0.5, {.noise_shape = {None, 3}, .name = "d"}).compute_output_shape({None, 4}),
                       ShapeError,
                       Message("Dropout 'd': noise_shape (None, 3) does not fit the input (None, 4): it needs the same "
                               "axes, each of the same length, 1 or None."));
  CHECK_THROWS_AS(Dropout(0.5, {.noise_shape = {None, 3}}).compute_output_shape({None, 4, 3}), ShapeError);
}

TEST_CASE("Noise layers pass the battery", "[layers][random]") {
  const auto x = random_tensor<double>({4, 3, 5, 2}, 1);
  const testing::LayerExpectations expected{.output = {4, 3, 5, 2}, .random = true};
  CHECK(testing::layer_battery(layers::SpatialDropout2D<double>(0.4, {.seed = 3}), {x}, expected) == no_faults);
  CHECK(testing::layer_battery(layers::GaussianNoise<double>(0.4), {x}, expected) == no_faults);
  CHECK(testing::layer_battery(layers::GaussianDropout<double>(0.4, {.seed = 3}), {x}, expected) == no_faults);
}

TEST_CASE("Noise layers act in training only, also frozen, and end what is computed once", "[layers][random]") {
  const auto x = random_tensor<double>({4, 3, 5, 2}, 1);
  const auto check = [&](const auto& layer, const auto& none) {
    INFO(layer.class_name());
    CHECK(is_identity_in_inference(layer, x));
    CHECK(same_bits(layer(x), x));
    CHECK(same_bits(trained(none, x), x));
    const auto y = trained(layer, x);
    CHECK_FALSE(same_bits(y, x));
    CHECK_FALSE(same_bits(y, trained(layer, x, {.seed = 2})));
    CHECK_FALSE(same_bits(y, trained(layer, x, {.seed = 1, .iteration = 1})));
    layer.trainable = false;
    CHECK(same_bits(trained(layer, x), y));
    plan::Program<double> program(true);
    plan::finish(program, program.call(layer, {program.input({None, 3, 5, 2})}));
    CHECK(program.steps.size() == 1);
    CHECK(program.prefix_steps == 0);
  };
  check(layers::SpatialDropout2D<double>(0.5), layers::SpatialDropout2D<double>(0));
  check(layers::GaussianNoise<double>(0.5), layers::GaussianNoise<double>(0));
  check(layers::GaussianDropout<double>(0.5), layers::GaussianDropout<double>(0));
}

TEST_CASE("Noise layers with a seed draw by it alone", "[layers][random]") {
  const auto x = random_tensor<double>({4, 3, 5, 2}, 1);
  const auto check = [&](const auto& first, const auto& second, const auto& other) {
    CHECK(same_bits(trained(first, x, {.seed = 1}), trained(second, x, {.seed = 2})));
    CHECK_FALSE(same_bits(trained(first, x), trained(other, x)));
  };
  using namespace layers;
  check(SpatialDropout2D<double>(0.5, {.seed = 7}), SpatialDropout2D<double>(0.5, {.seed = 7}),
        SpatialDropout2D<double>(0.5, {.seed = 8}));
  check(GaussianNoise<double>(0.5, {.seed = 7}), GaussianNoise<double>(0.5, {.seed = 7}),
        GaussianNoise<double>(0.5, {.seed = 8}));
  check(GaussianDropout<double>(0.5, {.seed = 7}), GaussianDropout<double>(0.5, {.seed = 7}),
        GaussianDropout<double>(0.5, {.seed = 8}));
}

TEST_CASE("SpatialDropout2D drops whole channels", "[layers][random]") {
  Tensor<double> x({3, 4, 5, 50});
  x.array() = 1;
  const auto y = trained(layers::SpatialDropout2D<double>(0.25), x);
  Index kept = 0;
  for (Index i = 0; i < 3; ++i)
    for (Index c = 0; c < 50; ++c) {
      CHECK((y(i, 0, 0, c) == 0 || y(i, 0, 0, c) == 1 / 0.75));
      kept += y(i, 0, 0, c) != 0;
      for (Index at = 0; at < 20; ++at) CHECK(y(i, at / 5, at % 5, c) == y(i, 0, 0, c));
    }
  CHECK(std::abs(static_cast<double>(kept) - 112.5) < 27);  // 150 coins: a standard deviation of 5.3, five of them
}

TEST_CASE("Gaussian noise has the mean and deviation that Keras gives it", "[layers][random]") {
  Tensor<double> x({4, 25000});
  x.array() = 2;
  const auto moments = [](const Tensor<double>& y) {
    const double mean = y.array().mean();
    return std::pair(mean, std::sqrt((y.array() - mean).square().mean()));
  };
  // 1e5 draws: the mean is exact to deviation / 316, the deviation to deviation / 447; five of these each.
  const auto [added, added_deviation] = moments(trained(layers::GaussianNoise<double>(0.3), x));
  CHECK_THAT(added, WithinAbs(2, 5 * 0.3 / 316));
  CHECK_THAT(added_deviation, WithinAbs(0.3, 5 * 0.3 / 447));
  const auto [multiplied, multiplied_deviation] = moments(trained(layers::GaussianDropout<double>(0.2), x));
  CHECK_THAT(multiplied, WithinAbs(2, 5 * 1.0 / 316));  // 2 N(1, sqrt(0.2 / 0.8))
  CHECK_THAT(multiplied_deviation, WithinAbs(1, 5 * 1.0 / 447));
}

TEST_CASE("Noise layers refuse rates outside their rules", "[layers][random]") {
  using namespace layers;
  CHECK_THROWS_MATCHES(SpatialDropout2D(1.5, {.name = "s"}), ArgumentError,
                       Message("SpatialDropout2D 's': rate must lie in 0 .. 1, got 1.5."));
  CHECK_THROWS_MATCHES(SpatialDropout2D(0.5, {.data_format = "channels_first", .name = "s"}), ArgumentError,
                       Message("SpatialDropout2D 's': data_format must be \"channels_last\", got \"channels_first\"."));
  CHECK_THROWS_MATCHES(
      SpatialDropout2D(0.5, {.name = "s"}).compute_output_shape({None, 4, 3}), ShapeError,
      Message("SpatialDropout2D 's' expects (batch, height, width, channels), got (None, 4, 3). The batch axis is "
              "missing."));
  CHECK_THROWS_MATCHES(GaussianNoise(-0.5, {.name = "g"}), ArgumentError,
                       Message("GaussianNoise 'g': stddev must lie in 0 .. 1, got -0.5."));
  CHECK_THROWS_MATCHES(GaussianNoise(std::nan(""), {.name = "g"}), ArgumentError,
                       Message("GaussianNoise 'g': stddev must lie in 0 .. 1, got nan."));
  CHECK_THROWS_MATCHES(GaussianDropout(1, {.name = "g"}), ArgumentError,
                       Message("GaussianDropout 'g': rate must lie in 0 .. 1 and be below 1, got 1."));
  utils::clear_session();
  CHECK(SpatialDropout2D(0.5).name() == "spatial_dropout2d");
  CHECK(GaussianNoise(0.5).name() == "gaussian_noise");
  CHECK(GaussianDropout(0.5).name() == "gaussian_dropout");
}

TEST_CASE("Augmentation layers pass the battery", "[layers][random]") {
  const auto x = random_tensor<double>({4, 5, 7, 2}, 1);
  const testing::LayerExpectations expected{.output = {4, 5, 7, 2}, .random = true};
  for (const char* mode : {"horizontal", "vertical", "horizontal_and_vertical"})
    CHECK(testing::layer_battery(layers::RandomFlip<double>(mode), {x}, expected) == no_faults);
  for (const char* fill : {"reflect", "constant", "nearest", "wrap"})
    for (const char* interpolation : {"bilinear", "nearest"}) {
      INFO(fill << ", " << interpolation);
      const layers::RandomAffineOptions style{
          .fill_mode = fill, .interpolation = interpolation, .seed = 5, .fill_value = 2};
      CHECK(testing::layer_battery(layers::RandomRotation<double>(0.3, style), {x}, expected) == no_faults);
      CHECK(testing::layer_battery(layers::RandomTranslation<double>({-0.3, 0.2}, 0.4, style), {x}, expected) ==
            no_faults);
      CHECK(testing::layer_battery(layers::RandomZoom<double>(0.4, {.width_factor = 0.2, .fill_mode = fill}), {x},
                                   expected) == no_faults);
    }
  CHECK(testing::layer_battery(layers::RandomZoom<double>({-0.5, 0.5}), {x}, expected) == no_faults);
}

TEST_CASE("Augmentation acts in training only, on each sample by itself", "[layers][random]") {
  auto x = random_tensor<double>({16, 5, 7, 2}, 1);
  for (Index i = 1; i < 16; ++i) std::copy_n(x.data(), x.shape().sample_elements(), x.view().sample(i));
  const auto check = [&](const auto& layer) {
    CHECK(is_identity_in_inference(layer, x));
    const auto y = trained(layer, x);
    Index others = 0;
    for (Index i = 1; i < 16; ++i) others += !same_bits(y[i], y[0]);
    CHECK(others > 0);
  };
  check(layers::RandomFlip<double>());
  check(layers::RandomRotation<double>(0.2, {.trainable = false}));
  check(layers::RandomTranslation<double>(0.2, 0.2));
  check(layers::RandomZoom<double>(0.2));
}

TEST_CASE("RandomZoom without a width factor keeps the proportions", "[layers][random]") {
  // Values that grow along one axis: the zoom can be read off the middle of the image.
  Tensor<double> x({8, 9, 9, 2});
  for (Index i = 0; i < 8; ++i)
    for (Index r = 0; r < 9; ++r)
      for (Index c = 0; c < 9; ++c) {
        x(i, r, c, 0) = static_cast<double>(r);
        x(i, r, c, 1) = static_cast<double>(c);
      }
  const auto zoom = [](const Tensor<double>& y, Index i) {
    return std::pair(y(i, 5, 4, 0) - y(i, 4, 4, 0), y(i, 4, 5, 1) - y(i, 4, 4, 1));
  };
  const auto same = trained(layers::RandomZoom<double>(0.5), x);
  const auto own = trained(layers::RandomZoom<double>(0.5, {.width_factor = 0.5}), x);
  double difference = 0;
  for (Index i = 0; i < 8; ++i) {
    const auto [height, width] = zoom(same, i);
    CHECK_THAT(height, WithinAbs(width, 1e-12));
    CHECK((height > 0.5 && height < 1.5));
    const auto [own_height, own_width] = zoom(own, i);
    difference = std::max(difference, std::abs(own_height - own_width));
  }
  CHECK(difference > 0.05);
}

TEST_CASE("Augmentation layers write their factors as Keras reads them", "[layers][random]") {
  const auto written = [](const auto& layer) {
    saving::Json json;
    saving::JsonConfigWriter writer(json);
    layer.config(writer);
    return json;
  };
  CHECK(written(layers::RandomRotation(0.25, {.name = "r"})).dump() ==
        R"({"name":"r","trainable":true,"data_format":"channels_last","factor":[-0.25,0.25],"fill_mode":"reflect",)"
        R"("interpolation":"bilinear","seed":null,"fill_value":0.0})");
  CHECK(written(layers::RandomZoom(0.5))["width_factor"].is_null());
  CHECK(written(layers::RandomZoom(0.5, {.width_factor = layers::RandomFactor(0.25, -0.5)}))["width_factor"].dump() ==
        "[-0.5,0.25]");
  CHECK(written(layers::RandomFlip("vertical", {.seed = 3}))["seed"] == 3);
  CHECK(written(layers::Dropout(0.5))["noise_shape"].is_null());

  const saving::Json number =
      saving::Json::parse(R"({"name": "z", "height_factor": 0.5, "width_factor": [0.125, 0.25]})");
  saving::JsonConfigReader reader(number, "z");
  const auto zoom = written(layers::RandomZoom<float>::from_config(reader));
  CHECK(zoom["height_factor"].dump() == "[-0.5,0.5]");
  CHECK(zoom["width_factor"].dump() == "[0.125,0.25]");
  const saving::Json three = saving::Json::parse(R"({"name": "r", "factor": [0, 0.5, 1]})");
  saving::JsonConfigReader wrong(three, "r");
  CHECK_THROWS_MATCHES(layers::RandomRotation<float>::from_config(wrong), ArgumentError,
                       Message("'factor' must be one number or a pair, got 3 numbers."));
}

TEST_CASE("Augmentation layers refuse options and inputs outside their rules", "[layers][random]") {
  using namespace layers;
  CHECK_THROWS_MATCHES(
      RandomFlip("sideways", {.name = "f"}), ArgumentError,
      Message("RandomFlip 'f': mode must be \"horizontal\", \"vertical\" or \"horizontal_and_vertical\", "
              "got \"sideways\"."));
  CHECK_THROWS_MATCHES(RandomRotation({-1.5, 0.5}, {.name = "r"}), ArgumentError,
                       Message("RandomRotation 'r': factor must lie in -1 .. 1, got -1.5 .. 0.5."));
  CHECK_THROWS_MATCHES(RandomTranslation(0.5, 2, {.name = "t"}), ArgumentError,
                       Message("RandomTranslation 't': width_factor must lie in -1 .. 1, got -2 .. 2."));
  CHECK_THROWS_MATCHES(RandomZoom({-1, 0.5}, {.name = "z"}), ArgumentError,
                       Message("RandomZoom 'z': height_factor must lie above -1 and not above 1, got -1 .. 0.5."));
  CHECK_THROWS_MATCHES(RandomZoom(0.5, {.width_factor = RandomFactor(0.0, 3.0), .name = "z"}), ArgumentError,
                       Message("RandomZoom 'z': width_factor must lie above -1 and not above 1, got 0 .. 3."));
  CHECK_THROWS_MATCHES(
      RandomRotation(0.5, {.fill_mode = "mirror", .name = "r"}), ArgumentError,
      Message("RandomRotation 'r': fill_mode must be \"reflect\", \"constant\", \"nearest\" or \"wrap\", "
              "got \"mirror\"."));
  CHECK_THROWS_MATCHES(
      RandomRotation(0.5, {.interpolation = "cubic", .name = "r"}), ArgumentError,
      Message("RandomRotation 'r': interpolation must be \"bilinear\" or \"nearest\", got \"cubic\"."));
  CHECK_THROWS_MATCHES(RandomRotation(0.5, {.data_format = "channels_first", .name = "r"}), ArgumentError,
                       Message("RandomRotation 'r': data_format must be \"channels_last\", got \"channels_first\"."));
  CHECK_THROWS_MATCHES(
      RandomZoom(0.5, {.name = "z"}).compute_output_shape({None, 4, 3}), ShapeError,
      Message("RandomZoom 'z' expects (batch, height, width, channels), got (None, 4, 3). The batch axis "
              "is missing."));
  CHECK_THROWS_MATCHES(RandomFlip("vertical", {.name = "f"}).compute_output_shape({None, 4}), ShapeError,
                       Message("RandomFlip 'f' expects (batch, height, width, channels), got (None, 4)."));
}

TEST_CASE("Augmentation called on tensors acts unless it is told not to, as in Keras", "[layers][random]") {
  const auto x = random_tensor<float>({16, 4, 4, 1}, 1);
  const auto check = [&](const auto& layer) {
    CHECK_FALSE(same_bits(layer(x), x));
    CHECK_FALSE(same_bits(layer(x, {.training = true}), x));
    CHECK(same_bits(layer(x, {.training = false}), x));
  };
  check(layers::RandomFlip());
  check(layers::RandomRotation(0.2));
  check(layers::RandomTranslation(0.2, 0.2));
  check(layers::RandomZoom(0.2));
  check(Sequential({layers::InputLayer({4, 4, 1}), layers::RandomFlip()}));
  CHECK(same_bits(layers::Dropout(0.5)(x), x));
}

TEST_CASE("A layer's seed alone determines its draws, which differ from call to call", "[layers][random]") {
  const auto x = random_tensor<float>({16, 4, 4, 1}, 1);
  utils::set_random_seed(1);
  const layers::RandomFlip first("horizontal", {.seed = 7});
  const auto a = first(x), b = first(x);
  CHECK_FALSE(same_bits(a, b));
  utils::set_random_seed(2);
  const layers::RandomFlip second("horizontal", {.seed = 7}), other("horizontal", {.seed = 8});
  CHECK(same_bits(second(x), a));
  CHECK(same_bits(second(x), b));
  CHECK_FALSE(same_bits(other(x), a));
}
