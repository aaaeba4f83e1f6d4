#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

#include <graft/applications/prepare_image.hpp>
#include <graft/applications/vgg16.hpp>
#include <graft/data/image_folder.hpp>
#include <graft/data/save_img.hpp>
#include <graft/io/safetensors.hpp>
#include <graft/models/sequential.hpp>
#include <nlohmann/json.hpp>

using namespace graft;
using applications::VGG16;

namespace {

double relative_l2(const Tensor<float>& a, const Tensor<float>& b) {
  double difference = 0, norm = 0;
  for (Index i = 0; i < a.size(); ++i) {
    difference += std::pow(static_cast<double>(a.data()[i]) - b.data()[i], 2);
    norm += std::pow(static_cast<double>(b.data()[i]), 2);
  }
  return std::sqrt(difference / norm);
}

Model<float> small(applications::ApplicationOptions<float> options) {
  options.weights = std::nullopt;
  if (!options.input_shape) options.input_shape = Shape{32, 32, 3};
  return VGG16(options);
}

}  // namespace

TEST_CASE("VGG16 has Keras's layers and counts", "[applications][vgg16]") {
  const auto trunk = VGG16({.weights = std::nullopt, .include_top = false});
  CHECK(trunk.layers().size() == 19);
  CHECK(trunk.count_params() == 14714688);
  CHECK(trunk.weights().size() == 26);
  CHECK(trunk.output().shape() == Shape{None, None, None, 512});
  CHECK(trunk.layers(15)[0].name() == "block5_conv1");
  CHECK(trunk.layers()[-1].name() == "block5_pool");
  CHECK(trunk.name() == "vgg16");
}

TEST_CASE("VGG16 with top has Keras's counts and names", "[applications][vgg16]") {
  // 32 x 32 instead of 224 x 224 keeps fc1 at 2 MB; only its count differs from Keras's 138,357,544.
  const auto model = small({.include_top = true});
  CHECK(model.layers().size() == 23);
  CHECK(model.weights().size() == 32);
  CHECK(model.count_params() == 138357544 - (25088 - 512) * 4096);
  for (const char* name : {"flatten", "fc1", "fc2", "predictions"}) CHECK(model.layer(name).name() == name);
  CHECK(model.output().shape() == Shape{None, 1000});
}

TEST_CASE("VGG16 takes pooling, classes, an activation, a name and an input tensor", "[applications][vgg16]") {
  CHECK(small({.include_top = false, .pooling = "avg"}).output().shape() == Shape{None, 512});
  CHECK(small({.include_top = false, .pooling = "max"}).output().shape() == Shape{None, 512});
  CHECK(small({.include_top = true, .classes = 7, .name = "mine"}).output().shape() == Shape{None, 7});
  const auto input = Input({40, 48, 3});
  const auto on_input = small({.include_top = false, .input_tensor = input});
  CHECK(on_input.input().node() == input.node());
  CHECK(on_input.output().shape() == Shape{None, 1, 1, 512});
}

TEST_CASE("VGG16 refuses options that do not go together", "[applications][vgg16]") {
  using Catch::Matchers::Contains;
  CHECK_THROWS_WITH(VGG16({.weights = "nowhere.safetensors"}), Contains("there is no file 'nowhere.safetensors'"));
  CHECK_THROWS_WITH(VGG16({.classes = 10}), Contains("1000 classes, got classes = 10"));
  CHECK_THROWS_WITH(VGG16({.input_shape = Shape{200, 200, 3}}),
                    Contains("needs input_shape = (224, 224, 3), got (200, 200, 3)"));
  CHECK_THROWS_WITH(VGG16({.include_top = false, .input_shape = Shape{64, 64, 1}}), Contains("needs 3 channels"));
  CHECK_THROWS_WITH(small({.include_top = false, .input_shape = Shape{31, 31, 3}}),
                    Contains("at least 32x32, got input_shape = (31, 31, 3)"));
  CHECK_THROWS_WITH(small({.include_top = false, .input_shape = Shape{32, 32}}),
                    Contains("must be (height, width, channels), got (32, 32)"));
  CHECK_THROWS_WITH(small({.include_top = true, .input_shape = Shape{None, None, 3}}),
                    Contains("include_top needs a full input_shape"));
  CHECK_THROWS_WITH(small({.include_top = false, .pooling = "sum"}),
                    Contains("pooling must be \"avg\" or \"max\", got \"sum\""));
  CHECK_THROWS_WITH(VGG16({.classifier_activation = "relu"}), Contains("need classifier_activation"));
}

TEST_CASE("A missing weight file names the folders and the command", "[applications][vgg16]") {
  using Catch::Matchers::Contains;
  CHECK_THROWS_WITH(
      applications::find_weights("no_such_file.safetensors", "python3 weights/convert.py vgg16 --include-top"),
      Contains("was not found in") && Contains("python3 weights/convert.py vgg16 --include-top"));
}

TEST_CASE("VGG16's ImageNet features equal Keras's", "[applications][vgg16][golden]") {
  const io::TensorFile golden(std::string(GRAFT_TEST_DATA) + "/golden/vgg16_features.safetensors");
  const auto model = VGG16({.weights = "imagenet", .include_top = false});
  const auto image = golden.read<float>("random/image");
  const auto x = applications::vgg16::preprocess_input(image.reshape({1, 64, 48, 3}));
  // Keras in float64 against float32: 13 layers, each within 1e-6 relative.
  CHECK(relative_l2(model.predict(x), golden.read<float>("random/features")) < 1e-5);
}

TEST_CASE("VGG16's features of photos equal Keras's up to JPEG decoding", "[applications][vgg16][golden]") {
  const io::TensorFile golden(std::string(GRAFT_TEST_DATA) + "/golden/vgg16_features.safetensors");
  const auto model = VGG16({.weights = "imagenet", .include_top = false});
  for (const auto& photo : nlohmann::json::parse(golden.metadata().at("cases"))) {
    if (!photo.contains("file")) continue;
    const std::string name = photo["name"],
                      file = std::string(GRAFT_EXAMPLES_DATA) + "/photos/" + std::string(photo["file"]);
    Tensor<float> image({1, 224, 224, 3});
    data::read_resized(file, {.size = 224}, {image.data(), {224, 224, 3}});
    const auto features = model.predict(applications::vgg16::preprocess_input(image));
    // Two JPEG decoders differ by up to 3 grey levels, which moves the features by 0.5 to 0.7 %.
    INFO(name);
    CHECK(relative_l2(features, golden.read<float>(photo["features"].get<std::string>())) < 0.01);
  }
}

TEST_CASE("preprocess_input swaps to BGR, subtracts the mean and says so", "[applications][vgg16]") {
  const auto& preprocess = applications::vgg16::preprocess_input;
  const auto x = preprocess(Tensor<double>({1, 1, 1, 3}, {10, 20, 30}));
  CHECK(x(0, 0, 0, 0) == 30 - 103.939);
  CHECK(x(0, 0, 0, 1) == 20 - 116.779);
  CHECK(x(0, 0, 0, 2) == 10 - 123.68);
  CHECK(preprocess.name() == "vgg16.preprocess_input");
  CHECK_THROWS_WITH(preprocess(Tensor<float>({1, 2, 2, 1})),
                    "vgg16.preprocess_input expects (batch, height, width, 3), got (1, 2, 2, 1). Load images with "
                    "color_mode \"rgb\".");
}

TEST_CASE("decode_predictions gives the best guesses first", "[applications]") {
  Tensor<float> scores({2, 1000});
  scores(0, 281) = 0.75f;
  scores(0, 0) = 0.25f;
  scores(1, 999) = 1;
  const auto guesses = applications::decode_predictions(scores, {.top = 2});
  CHECK(guesses[0][0].wnid == "n02123045");
  CHECK(guesses[0][0].label == "tabby");
  CHECK(guesses[0][0].score == 0.75);
  CHECK(guesses[0][1].label == "tench");
  CHECK(guesses[1][0].label == "toilet_tissue");
  CHECK_THROWS_WITH(
      applications::decode_predictions(Tensor<float>({1, 10})),
      "decode_predictions expects (batch, 1000), got (1, 10). It decodes ImageNet classes only: for your own "
      "use model.class_names().");
}

TEST_CASE("prepare_image repeats what the training data went through", "[applications][data]") {
  const TemporaryFolder folder;
  for (const char* name : {"a", "b"}) {
    std::filesystem::create_directories(folder.path() / name);
    Image image(5, 6, 3);
    for (Index y = 0; y < 5; ++y)
      for (Index x = 0; x < 6; ++x) image.pixel(y, x)[0] = static_cast<std::uint8_t>(40 * y + x);
    utils::save_img(folder.path() / name / "x.png", image);
  }
  const auto data =
      utils::image_dataset_from_directory(
          folder.path(), {.label_mode = "categorical", .image_size = 8, .shuffle = false, .verbose = false})
          .map(applications::vgg16::preprocess_input);
  Sequential model({layers::Flatten(), layers::Dense(2, {.activation = "softmax"})});
  model.compile({.optimizer = "sgd", .loss = "categorical_crossentropy"});
  CHECK_THROWS_WITH(utils::prepare_image(model, folder.path() / "a" / "x.png"),
                    Catch::Matchers::Contains("does not know how its images were read"));
  model.fit(data, {.verbose = 0});
  const auto x = utils::prepare_image(model, folder.path() / "a" / "x.png");
  Batch<float> batch;
  auto reader = data.read({0}, 1);
  REQUIRE(reader.next(batch));
  CHECK(x.shape() == Shape{1, 8, 8, 3});
  CHECK(std::equal(x.begin(), x.end(), batch.x[0].begin()));
  model.set_preprocessing({"image 8 8 3 bilinear ignore", "my own"});
  CHECK_THROWS_WITH(utils::prepare_image(model, folder.path() / "a" / "x.png"),
                    Catch::Matchers::Contains("'my own', which graft does not know"));
  model.set_preprocessing({"image 999999 8 3 bilinear ignore"});
  CHECK_THROWS_WITH(utils::prepare_image(model, folder.path() / "a" / "x.png"),
                    Catch::Matchers::Contains("which graft does not know"));
}
