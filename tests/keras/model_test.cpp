#include <graft/keras/load_model.hpp>
#include <graft/keras/save_model.hpp>

#include <cstdlib>
#include <fstream>

#include "keras/keras_files.hpp"

using namespace graft;
using saving::Json;

namespace {

const std::vector<std::string> all_models{"sequential", "functional", "nested", "catalogue",
                                          "sequences",  "adam",       "sgd",    "rmsprop"};
const std::vector<std::string> compiled_models{"adam", "sgd", "rmsprop"};

std::string failure(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing was thrown";
}

/// float32 sums of at most 100 products, in another order than Keras's: 100 roundings of 6e-8, relative to values
/// near 1.
constexpr double tolerance = 1e-5;

void check_close(const Tensor<float>& found, const Tensor<float>& expected, double relative) {
  REQUIRE(found.shape() == expected.shape());
  double worst = 0;
  for (Index i = 0; i < found.size(); ++i)
    worst = std::max(worst, std::abs(static_cast<double>(found.data()[i]) - expected.data()[i]) /
                                (1 + std::abs(static_cast<double>(expected.data()[i]))));
  CHECK(worst <= relative);
}

void check_predictions(const Model<float>& model, const nlohmann::json& one) {
  const auto found = model.predict_outputs(Dataset<float>::from_tensors(keras_tensors(one, "x")));
  const auto expected = keras_tensors(one, "y");
  REQUIRE(found.size() == expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) check_close(found[i], expected[i], tolerance);
}

/// Trains on the batches that Keras trained on after it had saved the model.
void train_on(const Model<float>& model, const nlohmann::json& one) {
  const auto x = keras_golden().tensor<float>(one.at("later_x")), y = keras_golden().tensor<float>(one.at("later_y"));
  for (Index batch = 0; batch < x.shape().front(); ++batch) model.train_on_batch(x[batch], y[batch]);
}

void check_later_weights(const Model<float>& model, const nlohmann::json& one) {
  const auto found = model.get_weights(), expected = keras_tensors(one, "later_weights");
  REQUIRE(found.size() == expected.size());
  // Three steps, each of which moves a weight by a gradient (of relative error 1e-5, as above) over the root of its
  // averaged square: an error of the first step comes back in the next two.
  for (std::size_t i = 0; i < found.size(); ++i) check_close(found[i], expected[i], 5e-5);
}

/// A whole model in an .h5 without weights, with this config.
std::filesystem::path config_file(const TemporaryFolder& folder, const std::string& config,
                                  const std::string& training = {}) {
  io::Hdf5Writer writer;
  writer.text("", "model_config", config);
  if (!training.empty()) writer.text("", "training_config", training);
  writer.group("model_weights");
  writer.texts("model_weights", "layer_names", {});
  writer.save(folder / "m.h5");
  return folder / "m.h5";
}
std::string loading(const TemporaryFolder& folder, const std::string& layers) {
  const auto path =
      config_file(folder, R"({"class_name": "Sequential", "config": {"name": "m", "layers": [)"
                          R"({"class_name": "InputLayer", "config": {"batch_shape": [null, 2], "name": "x"}}, )" +
                              layers + "]}}");
  return failure([&] { keras::load_model(path); });
}

void write_zip(const std::filesystem::path& path, const std::vector<std::pair<std::string, std::string>>& entries) {
  io::ZipWriter writer;
  for (const auto& [name, bytes] : entries) writer.add(name, bytes);
  writer.save(path);
}

}  // namespace

TEST_CASE("a model that Keras saved computes what Keras computes", "[keras][model]") {
  const std::string name = GENERATE(from_range(all_models)), ending = GENERATE(".keras", "_whole.h5");
  INFO(name << ending);
  const Model<float> model = keras::load_model(keras_file(name + ending));
  check_weights(model, keras_case(name));
  check_predictions(model, keras_case(name));
  CHECK(model.trainer().is_compiled() == keras_case(name).at("compiled").get<bool>());
}

TEST_CASE("flags come with the model", "[keras][model]") {
  const Model<float> model = keras::load_model(keras_file(GENERATE("nested.keras", "nested_whole.h5")));
  const std::map<std::string, bool> flags{{"trunk/c1", false},  {"trunk/bn1", true}, {"trunk/c2", true},
                                          {"trunk/bn2", false}, {"head/d1", true},   {"trunk", true}};
  for (const auto& [path, on] : flags) CHECK(bool(layer_at(model, path).trainable) == on);
}

TEST_CASE("training goes on where Keras stopped", "[keras][model]") {
  const std::string name = GENERATE(from_range(compiled_models)), ending = GENERATE(".keras", "_whole.h5");
  INFO(name << ending);
  const Model<float> model = keras::load_model(keras_file(name + ending));
  CHECK(model.optimizer().iterations() == 3);
  train_on(model, keras_case(name));
  check_later_weights(model, keras_case(name));
}

TEST_CASE("a model survives each of Keras's formats, with its optimizer", "[keras][model]") {
  const TemporaryFolder folder;
  const std::string name = GENERATE(from_range(all_models)), ending = GENERATE(".keras", ".h5");
  INFO(name << ending);
  const auto path = folder / ("m" + ending);
  const Model<float> first = keras::load_model(keras_file(name + ".keras"));
  keras::save_model(first, path);
  const Model<float> second = keras::load_model(path);
  check_weights(second, keras_case(name));
  CHECK(saving::model_to_json(second) == saving::model_to_json(first));
  if (!first.trainer().is_compiled()) return;
  CHECK(keras::write_compile_config(second) == keras::write_compile_config(first));
  train_on(first, keras_case(name));
  train_on(second, keras_case(name));
  const auto expected = first.get_weights(), found = second.get_weights();
  for (std::size_t i = 0; i < found.size(); ++i) CHECK(same_bits(found[i], expected[i]));
}

TEST_CASE("calls of a nested model keep their places", "[keras][model]") {
  const TemporaryFolder folder;
  const auto inner = Input({2});
  const Model twice(inner, layers::Dense(2, {.activation = "tanh"})(inner), {.name = "twice"});
  const auto x = Input({2});
  const auto first = twice(x), between = layers::Dense(2)(first), second = twice(between);
  const Model model(x, {first, layers::Dense(2)(second), second});
  const auto path = folder / GENERATE("m.keras", "m.h5");
  keras::save_model(model, path);
  const auto data = Dataset<float>::from_tensors({Tensor<float>({1, 2}, {0.5, -0.25})});
  const auto expected = model.predict_outputs(data), found = keras::load_model(path).predict_outputs(data);
  for (std::size_t i = 0; i < expected.size(); ++i) CHECK(same_bits(found[i], expected[i]));
  // As Keras counts: an output of the nested model is one call further on than it is as an argument.
  const Json config = saving::model_to_json(model)["config"];
  CHECK(config["output_layers"][0] == Json{"twice", 1, 0});
  CHECK(config["output_layers"][2] == Json{"twice", 2, 0});
}

TEST_CASE("a mask of nothing says nothing", "[keras][model]") {
  const TemporaryFolder folder;
  const auto file = [&](const std::string& mask) {
    const std::string tensor = R"({"class_name": "__keras_tensor__", "config": {"keras_history": [)";
    return config_file(
        folder,
        R"({"class_name": "Functional", "config": {"name": "m", "layers": [)"
        R"({"class_name": "InputLayer", "config": {"batch_shape": [null, 2], "name": "x"}, "name": "x", "inbound_nodes": []},)"
        R"({"class_name": "Add", "config": {"name": "sum"}, "name": "sum", "inbound_nodes": [{"args": [[)" +
            tensor + R"("x", 0, 0]}}, )" + tensor + R"("x", 0, 0]}}]], "kwargs": {"mask": )" + mask +
            R"(}}]}], "input_layers": ["x", 0, 0], "output_layers": ["sum", 0, 0]}})");
  };
  CHECK(keras::load_model(file("[null, null]")).output().shape() == Shape{None, 2});
  CHECK_THAT(failure([&] { keras::load_model(file("[null, true]")); }), ContainsSubstring("is called with mask"));
}

TEST_CASE("compile = false leaves a model as it is", "[keras][model]") {
  const Model<float> model = keras::load_model(keras_file(GENERATE("adam.keras", "adam_whole.h5")), {.compile = false});
  CHECK_FALSE(model.trainer().is_compiled());
}

TEST_CASE("weights come out of a .keras by load_model only", "[keras][model]") {
  const TemporaryFolder folder;
  const Model<float> model = keras::load_model(keras_file("nested.keras"));
  CHECK_THAT(failure([&] { keras::save_model(model, folder / "m.weights.h5"); }),
             ContainsSubstring("Call keras::save_weights(model, path)"));
  CHECK_THAT(failure([&] { keras::load_model(keras_file("nested.weights.h5")); }),
             ContainsSubstring("Make the model and call keras::load_weights"));
  CHECK_THAT(failure([&] { keras::load_model(keras_file("nested_weights.h5")); }),
             ContainsSubstring("has no 'model_config': it holds weights without a model"));
  CHECK_THAT(failure([&] { keras::load_model(folder / "m.txt"); }), ContainsSubstring("must end in .keras"));
  CHECK_THAT(failure([&] { keras::load_model(folder / "no.keras"); }), ContainsSubstring("no.keras' cannot be opened"));
}

TEST_CASE("Keras 2's configs are read", "[keras][model]") {
  const TemporaryFolder folder;
  const std::string dense =
      R"({"class_name": "Dense", "config": {"name": "d", "trainable": true, "dtype": "float32", )";
  SECTION("an input shape in the first layer") {
    const auto path = config_file(
        folder, R"({"class_name": "Sequential", "config": {"name": "m", "layers": [)"
                R"({"class_name": "Flatten", "config": {"name": "f", "batch_input_shape": [null, 2, 3]}}]}})");
    CHECK(keras::load_model(path).output().shape() == Shape{None, 6});
  }
  SECTION("names of options that changed") {
    const auto path =
        config_file(folder, R"({"class_name": "Sequential", "config": {"name": "m", "layers": [)"
                            R"({"class_name": "InputLayer", "config": {"batch_input_shape": [null, 2], "name": "x"}},)"
                            R"({"class_name": "LeakyReLU", "config": {"name": "leaky", "alpha": 0.25}}]}})");
    const Model<float> model = keras::load_model(path);
    CHECK(same_bits(model.predict(Tensor<float>({1, 2}, {-4, 2})), Tensor<float>({1, 2}, {-1, 2})));
  }
  SECTION("an input layer of its own, inbound nodes as lists") {
    const auto path = config_file(
        folder,
        R"({"class_name": "Model", "config": {"name": "m", "layers": [)"
        R"({"class_name": "InputLayer", "name": "x", "config": {"batch_input_shape": [null, 2, 3], "dtype": "float32", "sparse": false, "ragged": false, "name": "x"}, "inbound_nodes": []},)"
        R"({"class_name": "Flatten", "name": "f", "config": {"name": "f", "data_format": "channels_last"}, "inbound_nodes": [[["x", 0, 0, {}]]]}],)"
        R"("input_layers": [["x", 0, 0]], "output_layers": [["f", 0, 0]]}})");
    CHECK(keras::load_model(path).output().shape() == Shape{None, 6});
  }
}

TEST_CASE("the kernel fields that Keras 2 gives depthwise layers are left out", "[keras][model]") {
  const TemporaryFolder folder;
  const Sequential<float> made({Input({4, 4, 2}), layers::DepthwiseConv2D(3, {.name = "d"})});
  io::Hdf5Writer writer;
  writer.text(
      "", "model_config",
      R"({"class_name": "Sequential", "config": {"name": "m", "layers": [{"class_name": "DepthwiseConv2D", "config":)"
      R"( {"name": "d", "batch_input_shape": [null, 4, 4, 2], "kernel_size": [3, 3], "groups": 1, "kernel_initializer":)"
      R"( {"class_name": "GlorotUniform", "config": {"seed": null}}, "kernel_regularizer": null, "kernel_constraint":)"
      R"( null}}]}})");
  keras::add_legacy_weights(writer, made, "model_weights", "2.10.0");
  writer.save(folder / "m.h5");
  CHECK(same_bits(keras::load_model(folder / "m.h5").get_weights().front(), made.get_weights().front()));
}

TEST_CASE("Keras 2's training configs are read", "[keras][model]") {
  const TemporaryFolder folder;
  const std::string flat = R"({"class_name": "Sequential", "config": {"name": "m", "layers": [{"class_name":)"
                           R"( "Flatten", "config": {"name": "f", "batch_input_shape": [null, 2]}}]}})";
  const auto load = [&](const std::string& training) { return keras::load_model(config_file(folder, flat, training)); };
  SECTION("of Keras itself") {
    const Model<float> model =
        load(R"({"optimizer_config": {"class_name": "Adam", "config": {"lr": 0.25, "decay": 0.0,)"
             R"( "beta_1": 0.5, "beta_2": 0.75, "epsilon": 1e-08}}, "loss":)"
             R"( "categorical_crossentropy", "metrics": ["acc"], "sample_weight_mode": null,)"
             R"( "loss_weights": null})");
    const auto& as = model.trainer().compiled("m", "test");
    CHECK(as.optimizer.learning_rate() == 0.25);
    CHECK(as.options.metrics.at(0, {"f"}, "metrics").front().name() == "acc");
  }
  SECTION("of TensorFlow") {
    const Model<float> model = load(
        R"({"optimizer_config": {"class_name": "SGD", "config": {"name": "SGD", "learning_rate": 0.25, "decay": 0.0,)"
        R"( "momentum": 0.5, "nesterov": false}}, "loss": {"class_name": "CategoricalCrossentropy", "config":)"
        R"( {"reduction": "auto", "name": "cce", "from_logits": true, "label_smoothing": 0}}, "metrics": [[)"
        R"({"class_name": "MeanMetricWrapper", "config": {"name": "right", "dtype": "float32", "fn":)"
        R"( "categorical_accuracy"}}]], "weighted_metrics": null, "loss_weights": null})");
    const auto& as = model.trainer().compiled("m", "test");
    CHECK(as.optimizer.learning_rate() == 0.25);
    const Json loss = keras::write_compile_config(model)["loss"];
    CHECK(loss["class_name"] == "CategoricalCrossentropy");
    CHECK(loss["config"]["reduction"] == "sum_over_batch_size");
    const Metric metric = as.options.metrics.at(0, {"f"}, "metrics").front();
    CHECK(metric.class_name() == "CategoricalAccuracy");
    CHECK(metric.name() == "right");
  }
}

TEST_CASE("what graft does not have is named", "[keras][model]") {
  const TemporaryFolder folder;
  CHECK_THAT(loading(folder, R"({"class_name": "Lambda", "config": {"name": "double"}})"),
             ContainsSubstring("Layer 'double' is a Lambda: it holds Python code"));
  CHECK_THAT(
      loading(folder, R"({"class_name": "Dense", "config": {"name": "d", "units": 2, "activation": "<lambda>"}})"),
      ContainsSubstring("Layer 'd' has a Python function as its activation, which graft does not run"));
  CHECK_THAT(
      loading(folder, R"({"class_name": "Dense", "config": {"name": "d", "units": 2, "activation": "snake"}})"),
      ContainsSubstring("Layer 'd' (Dense): Activation: there is no activation \"snake\". The names are linear, "));
  CHECK_THAT(loading(folder, R"({"class_name": "Dense", "config": {"name": "d", "units": 2, "bias_initializer":)"
                             R"( {"class_name": "Twos", "config": {}}}})"),
             ContainsSubstring("Layer 'd' (Dense): "));
  CHECK_THAT(loading(folder, R"({"class_name": "Spiral", "config": {"name": "s"}})"),
             ContainsSubstring("Layer 's' is of the class Spiral, which graft does not have"));
  CHECK_THAT(
      loading(folder,
              R"({"module": "mine", "class_name": "Dense", "registered_name": "mine>Dense", "config": {"name": "d"}})"),
      ContainsSubstring("Layer 'd' is of the class Dense from 'mine>Dense', which is not Keras's own"));
  CHECK_THAT(loading(folder, R"({"module": "keras.src.ops.numpy", "class_name": "Sin", "config": {"name": "sin"}})"),
             ContainsSubstring("'sin' is the operation keras.src.ops.numpy.Sin, not a layer"));
  CHECK_THAT(loading(folder, R"({"class_name": "Flatten", "config": {"name": "f", "twist": 3}})"),
             ContainsSubstring("Layer 'f' has twist = 3, which graft's Flatten does not have"));
  CHECK_THAT(loading(folder, R"({"class_name": "Dense", "config": {"name": "d", "units": 1000000000}})"),
             ContainsSubstring("asks for a weight of shape (2, 1000000000), but the file has only"));
  CHECK_THAT(
      failure([&] {
        keras::load_model(config_file(
            folder,
            R"({"class_name": "Functional", "config": {"name": "m", "layers": [)"
            R"({"class_name": "InputLayer", "config": {"batch_shape": [null, 2], "name": "x"}, "name": "x", "inbound_nodes": []},)"
            R"({"module": "keras.src.ops.numpy", "class_name": "Add", "config": {"name": "add"}, "name": "add", "inbound_nodes": [{"args": [{"class_name":)"
            R"("__keras_tensor__", "config": {"shape": [null, 2], "keras_history": ["x", 0, 0]}}, 1.5], "kwargs": {}}]}],)"
            R"("input_layers": ["x", 0, 0], "output_layers": ["add", 0, 0]}})"));
      }),
      ContainsSubstring("Layer 'add' is called with 1.5; graft's layers take tensors only"));
  CHECK_THAT(failure([&] { keras::load_model(config_file(folder, R"({"class_name": "MyModel", "config": {}})")); }),
             ContainsSubstring("Subclassed models"));
  CHECK_THAT(failure([&] { keras::load_model(config_file(folder, "{")); }),
             ContainsSubstring("'model_config' is not valid JSON"));
}

TEST_CASE("archives that are not what they claim are refused", "[keras][model]") {
  const TemporaryFolder folder;
  const auto path = folder / "m.keras";
  const auto refusal = [&] { return failure([&] { keras::load_model(path); }); };
  std::ofstream(path) << "no archive";
  CHECK_THAT(refusal(), ContainsSubstring("m.keras' cannot be opened as a ZIP archive"));
  write_zip(path, {{"metadata.json", "{}"}});
  CHECK_THAT(refusal(), ContainsSubstring("has no entry 'config.json'"));
  write_zip(path, {{"config.json", "{}"}});
  CHECK_THAT(refusal(), ContainsSubstring("has no entry 'model.weights.h5'"));
  write_zip(path, {{"config.json", "{}"}, {"model.weights.h5", "text"}});
  CHECK_THAT(refusal(), ContainsSubstring("m.keras', 'model.weights.h5', is not an HDF5 file"));
  write_zip(path, {{"../config.json", "{}"}});
  CHECK_THAT(refusal(),
             ContainsSubstring("has an entry called '../config.json', which does not stay inside the archive"));
}

TEST_CASE("a layer of the user's own is not written for Keras", "[keras][model]") {
  struct Twice : Layer<float> {
    Twice() { this->set_identity("twice", class_name(), true); }
    std::string class_name() const override { return "Twice"; }
    std::shared_ptr<Layer<float>> share() const override { return std::make_shared<Twice>(*this); }
  };
  const TemporaryFolder folder;
  auto x = Input({2});
  const Model model(x, Twice()(x));
  CHECK_THAT(failure([&] { keras::save_model(model, folder / "m.keras"); }),
             ContainsSubstring("Layer 'twice' is of the class Twice, which Keras does not have"));
}

// Not a test of its own: open_in_keras.py runs it, and opens the files in Keras.
TEST_CASE("write every model for Keras to open", "[.exchange]") {
  const char* folder = std::getenv("GRAFT_EXCHANGE");
  REQUIRE(folder != nullptr);
  for (const std::string& name : all_models) {
    const Model<float> model = keras::load_model(keras_file(name + ".keras"));
    const std::string base = std::string(folder) + "/" + name;
    keras::save_model(model, base + ".keras");
    keras::save_model(model, base + "_whole.h5");
    keras::save_weights(model, base + ".weights.h5");
    keras::save_weights(model, base + "_weights.h5");
  }
}
