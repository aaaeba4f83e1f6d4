#include "applications/seeded_weights.hpp"
#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

#include <graft/applications/densenet.hpp>
#include <graft/applications/efficientnet.hpp>
#include <graft/applications/inception_v3.hpp>
#include <graft/applications/mobilenet.hpp>
#include <graft/applications/mobilenet_v2.hpp>
#include <graft/applications/vgg16.hpp>
#include <graft/applications/xception.hpp>
#include <graft/layers/rescaling.hpp>
#include <graft/models/load_model.hpp>

using namespace graft;

namespace {

/// A file of a model's weights, seeded by their names.
template <class Build>
std::filesystem::path seeded_file(const TemporaryFolder& folder, const Build& build) {
  utils::clear_session();
  const WeightBudget zeros(std::numeric_limits<Index>::max());
  const auto model = build();
  set_seeded_weights(model);
  model.save_weights(folder.path() / "weights.safetensors");
  return folder.path() / "weights.safetensors";
}

}  // namespace

TEST_CASE("An application takes its weights from a file", "[applications]") {
  const TemporaryFolder folder;
  const auto path = seeded_file(
      folder, [] { return applications::MobileNetV2({.weights = std::nullopt, .include_top = false, .alpha = 0.35}); });
  const auto model = applications::MobileNetV2({.weights = path.string(), .include_top = false, .alpha = 0.35});
  const auto kernel = model.layer("Conv1").get_weights()[0];
  const auto want = seeded<float>("Conv1/kernel", kernel.shape());
  CHECK(std::equal(kernel.begin(), kernel.end(), want.begin()));
  CHECK_THROWS_WITH(applications::MobileNetV2({.weights = path.string(), .include_top = false}),
                    Catch::Matchers::Contains("does not fit the model 'mobilenetv2_1.00_None'"));
}

TEST_CASE("No random values are drawn for weights that a file overwrites", "[applications]") {
  const TemporaryFolder folder;
  const std::string path = (folder.path() / "tiny.safetensors").string();
  bool drawn = false;
  const auto architecture = [&](const SymbolicTensor<float>& x) {
    const layers::Dense<float> dense(2, {.name = "dense"});
    const auto y = dense(x);
    drawn = !dense.get_weights()[0].array().isZero();
    return y;
  };
  using Options = applications::ApplicationOptions<float>;
  const applications::ApplicationFacts facts{"tiny", 32, 32};
  const auto random =
      applications::make_application(Options{.weights = std::nullopt, .include_top = false}, facts, architecture);
  CHECK(drawn);
  random.save_weights(path);
  const auto loaded =
      applications::make_application(Options{.weights = path, .include_top = false}, facts, architecture);
  CHECK(!drawn);
  CHECK((loaded.get_weights()[0].array() == random.get_weights()[0].array()).all());
}

TEST_CASE("The second InceptionV3 in a process takes the file of the first", "[applications]") {
  const TemporaryFolder folder;
  const auto path =
      seeded_file(folder, [] { return applications::InceptionV3({.weights = std::nullopt, .include_top = false}); });
  const auto second = applications::InceptionV3({.weights = path.string(), .include_top = false});
  CHECK(second.layers()[1].name() == "conv2d_94");
  const auto kernel = second.layer("conv2d_95").get_weights()[0];
  const auto want = seeded<float>("conv2d_1/kernel", kernel.shape());
  CHECK(std::equal(kernel.begin(), kernel.end(), want.begin()));
}

TEST_CASE("An application starts at the inputs of its input tensor", "[applications]") {
  const WeightBudget zeros(std::numeric_limits<Index>::max());
  const auto input = Input({40, 48, 3}, {.name = "pixels"});
  const auto rescaled = layers::Rescaling(1 / 127.5, {.offset = -1, .name = "rescaled"})(input);
  const auto model = applications::MobileNet({.weights = std::nullopt, .include_top = false, .input_tensor = rescaled});
  CHECK(model.input().node() == input.node());
  CHECK(model.layers()[1].name() == "rescaled");
  CHECK(model.name() == "mobilenet_1.00_40");
}

TEST_CASE("MobileNets are named by width and height, and have filters by width", "[applications]") {
  const WeightBudget zeros(std::numeric_limits<Index>::max());
  const auto narrow =
      applications::MobileNet({.weights = std::nullopt, .input_shape = Shape{128, 128, 3}, .alpha = 0.25});
  CHECK(narrow.name() == "mobilenet_0.25_128");
  CHECK(narrow.count_params() == 475544);
  const auto wide = applications::MobileNetV2({.weights = std::nullopt, .alpha = 1.4, .name = "wide"});
  CHECK(wide.name() == "wide");
  CHECK(wide.count_params() == 6156712);
}

TEST_CASE("An EfficientNet for ImageNet's weights has one rescaling more", "[applications]") {
  const WeightBudget zeros(std::numeric_limits<Index>::max());
  const auto input = Input({32, 32, 3});
  const applications::detail::EfficientNetBlocks<float> net;
  CHECK(Model(input, net.rescaled(input, true)).layers().size() == 4);
  CHECK(Model(input, net.rescaled(input, false)).layers().size() == 3);
}

TEST_CASE("EfficientNet drops whole blocks in training, also frozen ones, so its features end there",
          "[applications]") {
  const WeightBudget zeros(std::numeric_limits<Index>::max());
  const auto model = applications::EfficientNetB0(
      {.weights = std::nullopt, .include_top = false, .input_shape = Shape{32, 32, 3}, .pooling = "avg"});
  model.trainable = false;
  model.compile({.optimizer = "sgd", .loss = "mean_squared_error"});
  const Plan plan = model.plan({.batch_size = 2});
  Index dropped = 0;
  for (const auto& row : plan.rows)
    if (row.step.starts_with("dropout")) {
      CHECK(!row.once);
      ++dropped;
    }
  CHECK(dropped == 9);  // blocks with a shortcut: 2b, 3b, 4b, 4c, 5b, 5c, 6b, 6c, 6d
  CHECK(plan.prefix_steps > 0);
  CHECK(plan.rows[to_size(plan.prefix_steps)].layer.starts_with("block2b_drop"));
  REQUIRE(plan.notes.size() == 1);
  CHECK_THAT(plan.notes.front(), StartsWith("block2b_drop and 8 more: not the same in every batch, also while frozen"));
}

TEST_CASE("MobileNets refuse options that do not go together", "[applications]") {
  using Catch::Matchers::Contains;
  CHECK_THROWS_WITH(applications::MobileNet({.alpha = 0.3}),
                    "mobilenet: there are ImageNet weights for alpha 0.25, 0.50, 0.75, 1.00, got 0.3.");
  CHECK_THROWS_WITH(applications::MobileNetV2({.weights = std::nullopt, .alpha = 0}),
                    "mobilenetv2: alpha must be above 0, got 0.");
  CHECK_THROWS_WITH(applications::MobileNet({.depth_multiplier = 2}),
                    "mobilenet: there are ImageNet weights for depth_multiplier 1, got 2.");
  CHECK_THROWS_WITH(applications::MobileNet({.input_shape = Shape{200, 200, 3}}),
                    Contains("needs input_shape = (224, 224, 3), got (200, 200, 3)"));
}

TEST_CASE("Applications are the same after saving and loading", "[applications][saving]") {
  const TemporaryFolder folder;
  const auto check = [&](const Model<float>& model) {
    INFO(model.name());
    set_seeded_weights(model);
    const auto path = folder.path() / (model.name() + ".safetensors");
    model.save(path);
    const auto loaded = saving::load_model(path);
    const auto x = seeded<float>("image", {2, 75, 80, 3});
    const auto y = model.predict(x), again = loaded.predict(x);
    CHECK(loaded.layers().size() == model.layers().size());
    CHECK(std::equal(y.begin(), y.end(), again.begin(), again.end()));
  };
  const WeightBudget zeros(std::numeric_limits<Index>::max());
  check(applications::EfficientNetB0({.weights = std::nullopt, .include_top = false, .pooling = "avg"}));
  check(applications::MobileNetV2({.weights = std::nullopt, .include_top = false, .pooling = "avg"}));
  check(applications::Xception({.weights = std::nullopt, .include_top = false, .pooling = "max"}));
  check(applications::DenseNet121({.weights = std::nullopt, .include_top = false, .pooling = "max"}));
}

TEST_CASE("A missing file of weights says by which command it is made", "[applications]") {
  using Catch::Matchers::Contains;
  CHECK_THROWS_WITH(applications::DenseNet121({.include_top = false}),
                    Contains("'densenet121_imagenet_notop.safetensors' was not found in") &&
                        Contains("\n  python3 weights/convert.py densenet121 --output ~/.cache/graft\n"));
  CHECK_THROWS_WITH(applications::MobileNet({.include_top = false, .alpha = 0.5}),
                    Contains("'mobilenet_0.50_224_imagenet_notop.safetensors'") &&
                        Contains("python3 weights/convert.py mobilenet_0.50_224 --output"));
  CHECK_THROWS_WITH(applications::MobileNetV2({.input_shape = Shape{96, 96, 3}, .alpha = 1.3}),
                    Contains("python3 weights/convert.py mobilenetv2_1.30_96 --include-top --output"));
  CHECK_THROWS_WITH(applications::VGG16(), Contains("python3 weights/convert.py vgg16 --include-top --output"));
}

TEST_CASE("preprocess_input has Keras's modes", "[applications]") {
  const Tensor<double> x({1, 1, 1, 3}, {0, 51, 255});
  const auto tf = applications::inception_v3::preprocess_input(x);
  CHECK(tf(0, 0, 0, 0) == -1);
  CHECK(tf(0, 0, 0, 1) == Approx(51 / 127.5 - 1));
  CHECK(tf(0, 0, 0, 2) == 1);
  const auto torch = applications::densenet::preprocess_input(x);
  CHECK(torch(0, 0, 0, 0) == Approx(-0.485 / 0.229));
  CHECK(torch(0, 0, 0, 1) == Approx((0.2 - 0.456) / 0.224));
  CHECK(torch(0, 0, 0, 2) == Approx((1 - 0.406) / 0.225));
  CHECK(applications::densenet::preprocess_input.name() == "densenet.preprocess_input");
}
