#include <graft/applications/vgg16.hpp>
#include <graft/layers/add.hpp>
#include <graft/layers/batch_normalization.hpp>
#include <graft/models/replace_head.hpp>
#include <graft/models/sequential.hpp>

#include "support/catch.hpp"
#include "support/numeric.hpp"

using namespace graft;

namespace {

std::vector<std::string> names_of(const Model<float>& model) {
  std::vector<std::string> names;
  for (const auto& layer : model.layers()) names.push_back(layer.name());
  return names;
}

/// A convolution network with a head of the given classes.
Model<float> small_network(Index classes = 5) {
  const auto input = Input({8, 8, 3}, {.name = "image"});
  auto x = layers::Conv2D(4, 3, {.padding = "same", .activation = "relu", .name = "conv1"})(input);
  x = layers::BatchNormalization({.name = "bn1"})(x);
  x = layers::Conv2D(6, 3, {.name = "conv2"})(x);
  x = layers::GlobalAveragePooling2D({.name = "pool"})(x);
  x = layers::Dense(7, {.activation = "relu", .name = "hidden"})(x);
  return Model(input, layers::Dense(classes, {.activation = "softmax", .name = "predictions"})(x), {.name = "small"});
}

/// The trunk as one layer of a Sequential.
Sequential<float> nested_network() {
  const auto input = Input({8, 8, 3}, {.name = "image"});
  const auto y = layers::Conv2D(6, 3, {.name = "conv2"})(layers::Conv2D(4, 3, {.name = "conv1"})(input));
  return Sequential({Input({8, 8, 3}, {.name = "outer"}), Model(input, y, {.name = "trunk"}),
                     layers::Flatten({.name = "flat"}), layers::Dense(5, {.name = "top"})},
                    {.name = "nested"});
}

}  // namespace

TEST_CASE("replace_head keeps the trunk and makes a new head", "[models][replace_head]") {
  const auto model = small_network();
  const auto made = replace_head(model, {.classes = 3, .units = {16, 8}, .dropout = 0.25, .name = "mine"});
  CHECK(names_of(made) == std::vector<std::string>{"image", "conv1", "bn1", "conv2", "head_pool", "head_1", "head_2",
                                                   "head_dropout", "predictions"});
  CHECK(made.name() == "mine");
  CHECK(made.output().shape() == Shape{None, 3});
  CHECK(made.layer("head_2").output().shape() == Shape{None, 8});
  CHECK(names_of(replace_head(model, {.classes = 3})) ==
        std::vector<std::string>{"image", "conv1", "bn1", "conv2", "head_pool", "predictions"});
}

TEST_CASE("replace_head shares the trunk and leaves the old model as it was", "[models][replace_head]") {
  const auto model = small_network();
  const auto x = random_tensor<float>({2, 8, 8, 3}, 1);
  const auto before = names_of(model);
  const auto y = model.predict(x);
  const auto made = replace_head(model, {.classes = 3});
  CHECK(names_of(model) == before);
  CHECK(same_bits(model.predict(x), y));
  CHECK(model.layer("conv2").output().node() == made.layer("conv2").output().node());
  CHECK(made.layer("conv1")->id() == model.layer("conv1")->id());
  CHECK(made.layer("predictions")->id() != model.layer("predictions")->id());
  auto kernel = made.layer("conv1").get_weights();
  kernel[0].array() *= 2;
  made.layer("conv1").set_weights(kernel);
  CHECK(same_bits(model.layer("conv1").get_weights()[0], kernel[0]));
  CHECK(!same_bits(model.predict(x), y));
}

TEST_CASE("replace_head takes the trunk's trainable flags along", "[models][replace_head]") {
  const auto model = small_network();
  for (auto& layer : model.layers(0, -1)) layer.trainable = false;
  const auto made = replace_head(model, {.classes = 3, .units = {4}});
  CHECK(made.trainable_weights().size() == 4);
  made.compile({.optimizer = "sgd", .loss = "categorical_crossentropy"});
  const auto conv = model.layer("conv2").get_weights(), norm = model.layer("bn1").get_weights();
  made.train_on_batch(random_tensor<float>({2, 8, 8, 3}, 1), Tensor<float>({2, 3}, {1, 0, 0, 0, 0, 1}));
  CHECK(same_bits(made.layer("conv2").get_weights()[0], conv[0]));
  CHECK(same_bits(made.layer("bn1").get_weights()[2], norm[2]));
}

TEST_CASE("replace_head cuts at a named layer, and gives new layers free names", "[models][replace_head]") {
  const auto model = small_network();
  CHECK(names_of(replace_head(model, {.classes = 2, .cut_at = "bn1"})) ==
        std::vector<std::string>{"image", "conv1", "bn1", "head_pool", "predictions"});
  const auto made = replace_head(model, {.classes = 2, .cut_at = "hidden"});
  CHECK(names_of(made) == std::vector<std::string>{"image", "conv1", "bn1", "conv2", "pool", "hidden", "predictions"});
  const auto on_top =
      replace_head(replace_head(model, {.classes = 4, .units = {3}}), {.classes = 2, .units = {6}, .cut_at = "head_1"});
  CHECK(names_of(on_top)[6] == "head_1_1");
}

TEST_CASE("replace_head takes nested models apart", "[models][replace_head]") {
  const auto model = nested_network();
  const auto x = random_tensor<float>({2, 8, 8, 3}, 1);
  const auto made = replace_head<float>(model, {.classes = 1});
  CHECK(names_of(made) == std::vector<std::string>{"outer", "conv1", "conv2", "head_pool", "predictions"});
  CHECK(made.weights().size() == 6);
  const auto y = made.predict(x);
  CHECK(y.shape() == Shape{2, 1});
  CHECK((y(0, 0) > 0 && y(0, 0) < 1));
  CHECK(model.layer("trunk").output().shape() == Shape{None, 4, 4, 6});
  const auto trunk = dynamic_cast<const Model<float>&>(*model.layer("trunk"));
  CHECK(same_bits(features<float>(model, "conv2").predict(x), trunk.predict(x)));
}

TEST_CASE("replace_head cuts whole trunks, plain networks and VGG16", "[models][replace_head]") {
  const auto input = Input({6}, {.name = "row"});
  const Model plain(input, layers::Dense(2, {.name = "last"})(layers::Dense(4, {.name = "first"})(input)));
  CHECK(names_of(replace_head(plain, {.classes = 3})) == std::vector<std::string>{"row", "first", "predictions"});
  const WeightBudget zeros(std::numeric_limits<Index>::max());
  const auto vgg = applications::VGG16({.weights = std::nullopt, .input_shape = Shape{32, 32, 3}});
  CHECK(replace_head(vgg, {.classes = 3}).layers()[-3].name() == "block5_pool");
  const auto trunk = applications::VGG16({.weights = std::nullopt, .include_top = false});
  CHECK(replace_head(trunk, {.classes = 3}).layers().size() == 21);
}

TEST_CASE("features gives the output of a layer", "[models][features]") {
  const auto model = small_network();
  const auto x = random_tensor<float>({2, 8, 8, 3}, 1);
  const auto hidden = features(model, "hidden");
  CHECK(hidden.output().shape() == Shape{None, 7});
  CHECK(hidden.layers().size() == 6);
  CHECK(same_bits(features(model, "predictions").predict(x), model.predict(x)));
}

TEST_CASE("layer_outputs lists every call, those of nested models in their place", "[models][features]") {
  const Sequential inner({Input({4}, {.name = "in"}), layers::Dense(4, {.name = "a"}), layers::Dense(4, {.name = "b"})},
                         {.name = "inner"});
  const auto x = Input({4}, {.name = "x"});
  const Model model(x, layers::Dense(2, {.name = "end"})(inner(inner(x))));
  const auto calls = layer_outputs(model);
  std::vector<std::string> names;
  SymbolicTensors<float> outputs;
  for (const auto& call : calls) {
    names.push_back(call.layer);
    outputs.push_back(call.output);
  }
  CHECK(names == std::vector<std::string>{"a", "b", "a", "b", "end"});
  const auto input = random_tensor<float>({3, 4}, 2);
  const auto values = Model(SymbolicTensors<float>(x), outputs).predict_outputs(Dataset<float>::from_tensors({input}));
  CHECK(same_bits(values[0], features(inner, "a").predict(input)));
  CHECK(same_bits(values[2], features(inner, "a").predict(values[1])));
  CHECK(same_bits(values[4], model.predict(input)));
}

TEST_CASE("replace_head and features say what is wrong", "[models][replace_head]") {
  const auto model = small_network();
  CHECK_THROWS_MATCHES(replace_head(model, {}), ArgumentError,
                       Message("replace_head: classes must be at least 1, got 0. Give .classes = how many you have."));
  CHECK_THROWS_MATCHES(replace_head(model, {.classes = 2, .units = {4, 0}}), ArgumentError,
                       Message("replace_head: units must be at least 1, got 0."));
  CHECK_THROWS_MATCHES(replace_head(model, {.classes = 2, .dropout = 1}), ArgumentError,
                       Message("replace_head: dropout must be at least 0 and below 1, got 1."));
  CHECK_THROWS_MATCHES(replace_head(model, {.classes = 2, .cut_at = "conv9"}), ArgumentError,
                       Message("replace_head: Model 'small' has no layer 'conv9'. Its layers are: image, conv1, bn1, "
                               "conv2, pool, hidden, predictions."));
  const auto input = Input({6}, {.name = "row"});
  const layers::Dense shared(6, {.name = "twice"});
  const auto x = shared(shared(input));
  const auto two = layers::Dense(2, {.name = "b"})(x);
  const Model branched({input}, {layers::Dense(2, {.name = "a"})(x), two}, {.name = "branched"});
  CHECK_THROWS_MATCHES(replace_head(branched, {.classes = 2}), ArgumentError,
                       Message("replace_head: Model 'branched' has 2 outputs; say where its head begins by .cut_at."));
  CHECK_THROWS_MATCHES(features(branched, "twice"), ArgumentError,
                       Message("features: the layer 'twice' of Model 'branched' is called 2 times, so it does not name "
                               "one tensor. Name a layer that is called once."));
  const Model sum(input, layers::Add({.name = "sum"})({two, layers::Dense(2, {.name = "c"})(x)}), {.name = "summed"});
  CHECK_THROWS_MATCHES(replace_head(sum, {.classes = 2}), ArgumentError,
                       Message("replace_head: the last layer 'sum' of Model 'summed' has 2 inputs; say where its head "
                               "begins by .cut_at."));
  CHECK_THROWS_AS(replace_head<float>(Sequential({layers::Dense(2)}), {.classes = 2}), StateError);
}
