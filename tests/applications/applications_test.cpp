#include "applications/seeded_weights.hpp"
#include "support/catch.hpp"

#include <graft/applications/densenet.hpp>
#include <graft/applications/efficientnet.hpp>
#include <graft/applications/inception_v3.hpp>
#include <graft/applications/mobilenet.hpp>
#include <graft/applications/mobilenet_v2.hpp>
#include <graft/applications/prepare_image.hpp>
#include <graft/applications/resnet.hpp>
#include <graft/applications/resnet_v2.hpp>
#include <graft/applications/vgg16.hpp>
#include <graft/applications/vgg19.hpp>
#include <graft/applications/xception.hpp>
#include <graft/io/safetensors.hpp>
#include <graft/optimizers/sgd.hpp>
#include <iomanip>
#include <iostream>
#include <sstream>

#include "support/golden.hpp"
#include "support/temporary_folder.hpp"

using namespace graft;
using applications::ApplicationOptions;

namespace {

/// The networks with options of their own take those that all have.
template <class Options, class S>
Options widened(const ApplicationOptions<S>& o) {
  return {.weights = o.weights,
          .include_top = o.include_top,
          .input_shape = o.input_shape,
          .pooling = o.pooling,
          .classes = o.classes,
          .classifier_activation = o.classifier_activation};
}
template <class S>
Model<S> mobilenet(const ApplicationOptions<S>& o) {
  return applications::MobileNet<S>(widened<applications::MobileNetOptions<S>>(o));
}
template <class S>
Model<S> mobilenet_v2(const ApplicationOptions<S>& o) {
  return applications::MobileNetV2<S>(widened<applications::MobileNetV2Options<S>>(o));
}

template <class S>
Model<S> build(const std::string& name, const ApplicationOptions<S>& o) {
  using Builder = Model<S> (*)(const ApplicationOptions<S>&);
  static const std::map<std::string, Builder> builders{{"VGG16", applications::VGG16<S>},
                                                       {"VGG19", applications::VGG19<S>},
                                                       {"ResNet50", applications::ResNet50<S>},
                                                       {"ResNet101", applications::ResNet101<S>},
                                                       {"ResNet152", applications::ResNet152<S>},
                                                       {"ResNet50V2", applications::ResNet50V2<S>},
                                                       {"ResNet101V2", applications::ResNet101V2<S>},
                                                       {"ResNet152V2", applications::ResNet152V2<S>},
                                                       {"InceptionV3", applications::InceptionV3<S>},
                                                       {"DenseNet121", applications::DenseNet121<S>},
                                                       {"DenseNet169", applications::DenseNet169<S>},
                                                       {"DenseNet201", applications::DenseNet201<S>},
                                                       {"MobileNet", mobilenet<S>},
                                                       {"MobileNetV2", mobilenet_v2<S>},
                                                       {"Xception", applications::Xception<S>},
                                                       {"EfficientNetB0", applications::EfficientNetB0<S>},
                                                       {"EfficientNetB1", applications::EfficientNetB1<S>},
                                                       {"EfficientNetB2", applications::EfficientNetB2<S>},
                                                       {"EfficientNetB3", applications::EfficientNetB3<S>},
                                                       {"EfficientNetB4", applications::EfficientNetB4<S>},
                                                       {"EfficientNetB5", applications::EfficientNetB5<S>},
                                                       {"EfficientNetB6", applications::EfficientNetB6<S>},
                                                       {"EfficientNetB7", applications::EfficientNetB7<S>}};
  utils::clear_session();
  const WeightBudget zeros(std::numeric_limits<Index>::max());  // the test sets weights where it needs them
  return builders.at(name)(o);
}

const GoldenFile& golden() {
  static const GoldenFile file("applications");
  return file;
}

template <class S>
Tensor<S> image_of(const std::string& name, const Shape& shape) {
  const bool raw = name.starts_with("EfficientNet");
  Tensor<S> x(shape);
  const std::uint64_t hash = hash_fnv(name + "/image");
  for (Index i = 0; i < x.size(); ++i)
    x.data()[i] = static_cast<S>((raw ? 0 : -1) + (raw ? 256 : 2) * uniform_of(hash, i));
  return x;
}

/// Every n-th value, so that at most 200 are left.
template <class S>
std::vector<double> sampled(const Tensor<S>& x, std::size_t most = 200) {
  std::vector<double> values;
  for (Index i = 0; i < x.size() && values.size() < most; i += (x.size() + 199) / 200)
    values.push_back(static_cast<double>(x.data()[i]));
  return values;
}

/// |a - b| / |b|
double distance(const std::vector<double>& a, const Tensor<double>& b) {
  REQUIRE(a.size() == to_size(b.size()));
  double difference = 0, norm = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference = std::hypot(difference, a[i] - b.data()[i]);
    norm = std::hypot(norm, b.data()[i]);
  }
  return difference / norm;
}

std::vector<std::string> listing(const Model<float>& model) {
  std::vector<std::string> lines;
  for (const auto& layer : model.layers()) {
    std::ostringstream line;
    line << layer.name() << ' ' << layer.class_name() << ' ' << layer.output().shape() << ' ' << layer.count_params();
    lines.push_back(line.str());
  }
  return lines;
}

std::string text_of(const Shape& shape) {
  std::ostringstream out;
  out << shape;
  return out.str();
}

void check_structure(const Model<float>& model, const nlohmann::json& want) {
  const auto lines = listing(model);
  std::string joined;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    joined += (i == 0 ? "" : "\n") + lines[i];
    if (!want.contains("listing")) continue;
    REQUIRE(i < want["listing"].size());
    REQUIRE(lines[i] == want["listing"][i].get<std::string>());
  }
  std::ostringstream hash;
  hash << std::hex << std::setw(16) << std::setfill('0') << hash_fnv(joined);
  Index trainable = 0;
  for (const auto& variable : model.trainable_weights()) trainable += variable.size();
  CHECK(model.name() == want["name"].get<std::string>());
  CHECK(model.layers().size() == want["layers"].get<Index>());
  CHECK(static_cast<Index>(model.weights().size()) == want["weights"].get<Index>());
  CHECK(model.count_params() == want["params"].get<Index>());
  CHECK(trainable == want["trainable"].get<Index>());
  CHECK(text_of(model.output().shape()) == want["output"].get<std::string>());
  CHECK(hash.str() == want["hash"].get<std::string>());
}

template <class S>
double forward_distance(const std::string& name, const nlohmann::json& run) {
  const std::string key = run["key"];
  ApplicationOptions<S> o{.weights = std::nullopt, .include_top = key == "logits"};
  if (key == "avg" || key == "max") o.pooling = key;
  const Index height = run["height"], width = run["width"];
  if (o.include_top) {
    o.input_shape = Shape{height, width, 3};
    o.classes = 10;
    o.classifier_activation = "linear";
  }
  const auto model = build<S>(name, o);
  set_seeded_weights(model);
  const auto y = model.predict(image_of<S>(name, {2, height, width, 3}));
  CHECK(y.shape() == Shape(run["shape"].get<std::vector<Index>>()));
  return distance(sampled(y), golden().template tensor<double>(run["output"]));
}

/// How far from Keras's a training step is, relatively: its loss, and 3 values of each weight after it.
struct Step {
  double loss, weights;
};

/// A step on a head while the trunk is frozen, then one with its last layers.
template <class S>
std::vector<Step> training_steps(const std::string& name, const nlohmann::json& training) {
  const Index size = training["size"];
  const auto base = build<S>(
      name, {.weights = std::nullopt, .include_top = false, .input_shape = Shape{size, size, 3}, .pooling = "avg"});
  const auto probabilities = layers::Dense<S>(3, {.activation = "softmax", .name = "head"})(base.output());
  const Model<S> model(base.input(), probabilities);
  set_seeded_weights(model);
  const auto x = image_of<S>(name, {4, size, size, 3});
  const Tensor<S> labels({4, 3}, {1, 0, 0, 0, 0, 1, 0, 1, 0, 0, 1, 0});
  std::vector<Step> all;
  for (const auto& phase : training["phases"]) {
    base.trainable = false;
    for (auto& layer : base.layers(phase["start"].get<Index>())) layer.trainable = true;
    model.compile({.optimizer = optimizers::SGD({.learning_rate = 0.01}), .loss = "categorical_crossentropy"});
    const double expected = phase["loss"], loss = model.train_on_batch(x, labels).at("loss");
    std::vector<double> after;
    for (const auto& variable : model.weights())
      for (const double v : sampled(variable.value(), 3)) after.push_back(v);
    all.push_back(
        {std::abs(loss - expected) / expected, distance(after, golden().template tensor<double>(phase["weights"]))});
  }
  return all;
}

template <class S>
void print_distances(const std::string& title, const nlohmann::json& one) {
  std::cout << std::left << std::setw(22) << title << std::right << std::scientific << std::setprecision(1);
  for (const auto& run : one["forward"]) std::cout << std::setw(12) << forward_distance<S>(one["name"], run);
  if (one.contains("training"))
    for (const Step& step : training_steps<S>(one["name"], one["training"])) std::cout << std::setw(12) << step.weights;
  std::cout << std::defaultfloat << std::endl;
}

}  // namespace

TEST_CASE("Applications have Keras's layers in Keras's order, with its shapes and counts", "[applications][golden]") {
  for (const auto& one : golden().cases) {
    const std::string name = one["name"];
    DYNAMIC_SECTION(name) {
      const Index size = one["top"]["input_size"];
      check_structure(build<float>(name, {.weights = std::nullopt, .input_shape = Shape{size, size, 3}}), one["top"]);
      check_structure(build<float>(name, {.weights = std::nullopt, .include_top = false}), one["notop"]);
    }
  }
}

TEST_CASE("Applications compute what Keras computes", "[applications][golden]") {
  for (const auto& one : golden().cases) {
    const std::string name = one["name"];
    DYNAMIC_SECTION(name) {
      for (const auto& run : one["forward"]) {
        INFO(run["key"]);
        // Rounding: 1e-16 times sqrt(n) = 70 for the longest sums, for each of up to 200 layers.
        CHECK(forward_distance<double>(name, run) < 1e-11);
      }
      // The same in float32, which rounds 5e8 times as much.
      CHECK(forward_distance<float>(name, one["forward"][0]) < 1e-4);
    }
  }
}

TEST_CASE("One step on a frozen trunk and one with its last layers are Keras's", "[applications][golden]") {
  for (const auto& one : golden().cases) {
    if (!one.contains("training")) continue;
    const std::string name = one["name"];
    DYNAMIC_SECTION(name) {
      // Gradients of many layers, and Keras rounds the learning rate to float32: 0.01 (1 + 2e-8).
      for (const Step& step : training_steps<double>(name, one["training"])) {
        CHECK(step.loss < 1e-9);
        CHECK(step.weights < 1e-8);
      }
    }
  }
}

TEST_CASE("EfficientNet with ImageNet's weights is Keras's, and has a rescaling more than from a path",
          "[applications][golden]") {
  const TemporaryFolder folder;
  const auto path = folder / "efficientnetb0_imagenet_notop.safetensors";
  for (const auto& one : golden().cases) {
    if (!one.contains("imagenet")) continue;
    const auto& want = one["imagenet"];
    const Shape shape{want["height"].get<Index>(), want["width"].get<Index>(), 3};
    const auto built = [&](std::optional<std::string> weights) {
      return build<double>(one["name"], {.weights = std::move(weights), .include_top = false, .input_shape = shape});
    };
    const auto random = built(std::nullopt);
    set_seeded_weights(random);
    random.save_weights(path, {.dtype = "float64"});
    const char* const before = std::getenv("GRAFT_WEIGHTS");
    const std::string restored = before != nullptr ? before : "";
    setenv("GRAFT_WEIGHTS", path.parent_path().c_str(), 1);
    const auto imagenet = built("imagenet");
    before != nullptr ? setenv("GRAFT_WEIGHTS", restored.c_str(), 1) : unsetenv("GRAFT_WEIGHTS");
    const auto from_path = built(path.string());

    const auto x = image_of<double>(one["name"], {2, shape[0], shape[1], 3});
    CHECK(static_cast<Index>(imagenet.layers().size()) == want["layers"].get<Index>());
    CHECK(distance(sampled(imagenet.predict(x)), golden().tensor<double>(want["output"])) < 1e-11);  // as above
    CHECK(static_cast<Index>(from_path.layers().size()) == one["notop"]["layers"].get<Index>());
    CHECK(sampled(from_path.predict(x)) == sampled(random.predict(x)));
  }
}

// Not a test of its own: the numbers that README states, build/tests/applications_tests "[.parity]"
TEST_CASE("print how far from Keras every application is", "[.parity]") {
  std::cout << "relative L2 distance of 200 outputs, and of samples of all weights after a step\n";
  std::cout << std::string(22, ' ') << "         top        none         avg         max      step 1      step 2\n";
  for (const auto& one : golden().cases) {
    const std::string name = one["name"];
    print_distances<float>(name + ", float", one);
    print_distances<double>(name + ", double", one);
  }
}
