#include <fstream>
#include <graft/layers/concatenate.hpp>
#include <graft/models/load_model.hpp>

#include "support/catch.hpp"
#include "support/numeric.hpp"
#include "support/temporary_folder.hpp"

using namespace graft;
using saving::Json;

namespace {

using F = Tensor<float>;

/// y = x * scale, a class of the user's own that can be saved.
class Scale final : public Layer<float> {
 public:
  explicit Scale(double factor, const std::string& name = {}) : factor_(factor) {
    set_identity(name, class_name(), true);
    offset_ = add_weight("offset");
  }
  std::string class_name() const override { return "Scale"; }
  std::shared_ptr<Layer<float>> share() const override { return std::make_shared<Scale>(*this); }
  void build(const Shape& in) const override { offset_->allocate({in.back()}); }
  F call(const F& x, Context<float>&) const override {
    F y = x;
    for (Index i = 0; i < y.size(); ++i)
      y.data()[i] = static_cast<float>(factor_) * x.data()[i] + offset_->data()[i % offset_->size()];
    return y;
  }
  void config(ConfigVisitor& c) const override {
    std::string layer_name = name();
    double factor = factor_;
    c("name", layer_name);
    c("factor", factor);
  }
  static Scale from_config(ConfigVisitor& c) {
    std::string layer_name;
    double factor = 1;
    c("name", layer_name);
    c("factor", factor);
    return Scale(factor, layer_name);
  }

 private:
  double factor_;
  std::optional<Variable<float>> offset_;
};

Sequential<> small_net() {
  utils::set_random_seed(3);
  return Sequential(
      {Input({8, 8, 3}, {.name = "image"}), layers::Conv2D(4, 3, {.activation = "relu", .name = "conv"}),
       layers::BatchNormalization({.name = "bn"}), layers::MaxPooling2D(2, {.name = "pool"}),
       layers::Flatten({.name = "flatten"}), layers::Dense(3, {.activation = "softmax", .name = "classes"})},
      {.name = "small"});
}

Sequential<> dense_net(Index inputs, Index hidden, const std::string& second = "out") {
  utils::set_random_seed(3);
  return Sequential({Input({inputs}), layers::Dense(hidden, {.name = "hidden"}), layers::Dense(2, {.name = second})},
                    {.name = "net"});
}

bool same(const std::vector<F>& a, const std::vector<F>& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (!same_bits(a[i], b[i])) return false;
  return true;
}

/// What is thrown, as text.
template <class E, class Call>
std::string error_of(Call&& call) {
  try {
    call();
  } catch (const E& error) {
    return error.what();
  }
  FAIL("nothing was thrown");
  return {};
}

/// The file again, with other metadata or tensors.
struct Rewritten {
  explicit Rewritten(const std::filesystem::path& path) : file(path), metadata(file.metadata()) {
    for (const auto& name : file.names()) tensors.emplace(name, file.read<float>(name));
  }
  void save(const std::filesystem::path& path) const {
    io::SafetensorsWriter writer;
    for (const auto& [name, tensor] : tensors) writer.add(name, tensor.view());
    writer.save(path, metadata);
  }
  io::TensorFile file;
  std::map<std::string, std::string> metadata;
  std::map<std::string, F> tensors;
};

}  // namespace

TEST_CASE("a saved Sequential comes back with its weights, flags and names", "[saving]") {
  const TemporaryFolder folder;
  const auto model = small_net();
  model.layer("bn").set_weights({random_tensor<float>({4}, 1), random_tensor<float>({4}, 2),
                                 random_tensor<float>({4}, 3), random_tensor<float>({4}, 4, 0.5, 1)});
  model.layer("conv").trainable = false;
  model.set_class_names({"cat", "dog", "élan"});
  model.set_preprocessing({"vgg16.preprocess_input"});
  model.save(folder / "m.safetensors");
  const auto loaded = saving::load_model(folder / "m.safetensors", {.check = true});
  CHECK(loaded.class_name() == "Sequential");
  CHECK(loaded.name() == "small");
  CHECK(loaded.layers().size() == 5);
  CHECK(same(loaded.get_weights(), model.get_weights()));
  CHECK_FALSE(loaded.layer("conv").trainable);
  CHECK(loaded.layer("bn").trainable);
  CHECK(loaded.class_names() == model.class_names());
  CHECK(loaded.preprocessing() == model.preprocessing());
  const auto x = random_tensor<float>({3, 8, 8, 3}, 5);
  CHECK(same_bits(loaded.predict(x), model.predict(x)));
  CHECK(saving::model_to_json(loaded).dump() == saving::model_to_json(model).dump());
}

TEST_CASE("functional models come back: nested, shared, with several inputs and outputs", "[saving]") {
  const TemporaryFolder folder;
  utils::set_random_seed(4);
  const auto a = Input({4}, {.name = "a"}), b = Input({4}, {.name = "b"});
  const layers::Dense shared(3, {.activation = "tanh", .name = "shared"});
  const Sequential inner({Input({3}), layers::Dense(2, {.name = "inner_dense"})}, {.name = "inner"});
  const auto both_in = Input({3}, {.name = "both_in"});
  const Model fork(both_in, {layers::Dense(2, {.name = "f1"})(both_in), layers::Dense(1, {.name = "f2"})(both_in)},
                   {.name = "fork"});
  const auto left = shared(a), right = shared(b);
  const auto forked = fork.apply(right);
  const Model model({a, b}, {inner(left), layers::Concatenate({.name = "joined"})({forked[0], forked[1]})},
                    {.name = "whole"});
  inner.trainable = false;
  fork.state()->trainable = false;  // its own flag alone
  model.save(folder / "m.safetensors");
  const auto loaded = saving::load_model(folder / "m.safetensors");
  CHECK(same(loaded.get_weights(), model.get_weights()));
  const auto data =
      Dataset<>::from_tensors(std::vector{random_tensor<float>({5, 4}, 1), random_tensor<float>({5, 4}, 2)});
  CHECK(same(loaded.predict_outputs(data), model.predict_outputs(data)));
  CHECK(loaded.output_names() == model.output_names());
  CHECK(loaded.trainable);
  CHECK_FALSE(loaded.layer("inner").trainable);
  CHECK_FALSE(loaded.layer("fork").trainable);
  const auto& loaded_fork = dynamic_cast<const Model<>&>(*loaded.layer("fork"));
  CHECK(loaded_fork.layer("f1").trainable);
  CHECK(saving::model_to_json(loaded).dump() == saving::model_to_json(model).dump());
}

TEST_CASE("layers with weights and options of their own come back", "[saving]") {
  const TemporaryFolder folder;
  utils::set_random_seed(5);
  const auto image = Input({6, 9, 3}, {.name = "image"}), token = Input({3}, {.name = "token"});
  auto x = layers::CenterCrop(5, 4)(layers::Resizing(6, 6, {.crop_to_aspect_ratio = true})(image));
  x = layers::PReLU({.alpha_initializer = "random_normal", .shared_axes = {1, 2}, .name = "prelu"})(x);
  x = layers::Cropping2D({{1, 2}, {0, 1}})(layers::UpSampling2D({2, 1}, {.interpolation = "bilinear"})(x));
  x = layers::GaussianNoise(0.25)(layers::GaussianDropout(0.25)(layers::SpatialDropout2D(0.25)(x)));
  const auto a = layers::LeakyReLU()(x), b = layers::ELU({.alpha = 0.5})(x);
  x = layers::Average()({layers::Maximum()({a, b}), layers::Minimum()({a, b}), layers::Subtract()({a, b})});
  x = layers::GlobalAveragePooling2D()(layers::Permute({2, 1, 3})(x));
  const auto words = layers::Embedding(5, 3, {.name = "words", .trainable = false})(token);
  const Model model({image, token}, layers::Dot({1, 2}, {.normalize = true})({x, words}));
  model.save(folder / "m.safetensors");
  const auto loaded = saving::load_model(folder / "m.safetensors");
  CHECK(same(loaded.get_weights(), model.get_weights()));
  CHECK(saving::model_to_json(loaded).dump() == saving::model_to_json(model).dump());
  CHECK(loaded.layer("prelu").trainable);
  CHECK_FALSE(loaded.layer("words").trainable);
  const auto data = Dataset<>::from_tensors(
      std::vector{random_tensor<float>({2, 6, 9, 3}, 1), Tensor<float>({2, 3}, {0, 4, 1, 2, 3, 3})});
  CHECK(same(loaded.predict_outputs(data), model.predict_outputs(data)));
}

TEST_CASE("a model that is an output itself comes back", "[saving]") {
  const TemporaryFolder folder;
  const auto x = Input({4}, {.name = "x"}), z = Input({4}, {.name = "z"});
  const Model base(x, layers::Dense(2, {.name = "d"})(x), {.name = "base"});
  const Model model(z, base(z), {.name = "outer"});
  model.save(folder / "m.safetensors");
  const auto loaded = saving::load_model(folder / "m.safetensors", {.check = true});
  CHECK(same_bits(loaded.predict(random_tensor<float>({2, 4}, 1)), model.predict(random_tensor<float>({2, 4}, 1))));
}

TEST_CASE("double models keep their bits as float64", "[saving]") {
  const TemporaryFolder folder;
  const Sequential<double> model({Input<double>({4}), layers::Dense<double>(3)});
  model.save(folder / "m.safetensors", {.dtype = "float64"});
  const auto loaded = saving::load_model<double>(folder / "m.safetensors", {.check = true});
  CHECK(same_bits(loaded.get_weights()[0], model.get_weights()[0]));
}

TEST_CASE("half precision halves the file and rounds to nearest", "[saving]") {
  const TemporaryFolder folder;
  const auto model = dense_net(64, 64);
  const auto kernel = model.get_weights()[0];
  model.save(folder / "full.safetensors");
  const auto full = std::filesystem::file_size(folder / "full.safetensors");
  for (const auto& [dtype, digits] : {std::pair("float16", 11), std::pair("bfloat16", 8)}) {
    CAPTURE(dtype);
    model.save(folder / "half.safetensors", {.dtype = dtype});
    CHECK(std::filesystem::file_size(folder / "half.safetensors") < full * 2 / 3);
    const auto loaded = saving::load_model(folder / "half.safetensors", {.check = true}).get_weights()[0];
    CHECK_FALSE(same_bits(loaded, kernel));
    for (Index i = 0; i < kernel.size();
         ++i)  // half a unit in the last of so many binary digits; subnormals of float16
      CHECK(std::abs(loaded.data()[i] - kernel.data()[i]) <=
            std::max(std::ldexp(std::abs(kernel.data()[i]), -digits), std::ldexp(1.f, -25)));
  }
  CHECK_THROWS_WITH(model.save(folder / "x.safetensors", {.dtype = "int8"}),
                    "save: dtype must be float32, float16, bfloat16 or float64, got 'int8'.");
  CHECK_FALSE(std::filesystem::exists(folder / "x.safetensors"));
}

TEST_CASE("files of another extension are refused with the way to write them", "[saving][errors]") {
  const auto model = dense_net(3, 4);
  CHECK_THROWS_WITH(model.save("m.bin"), "save: 'm.bin' must end in .safetensors.");
  CHECK_THROWS_WITH(model.save("m.keras"),
                    ContainsSubstring("For Keras's formats include graft/keras.hpp and call keras::save_model"));
  CHECK_THROWS_WITH(model.save_weights("m.weights.h5"),
                    ContainsSubstring("save_weights: 'm.weights.h5' must end in .safetensors. For Keras's formats"));
  CHECK_THROWS_WITH(model.load_weights("m.h5"),
                    ContainsSubstring("is a Keras file: include graft/keras.hpp and call keras::load_weights"));
  CHECK_THROWS_WITH(saving::load_model("m.keras"),
                    ContainsSubstring("is a Keras file: include graft/keras.hpp and call keras::load_model"));
  CHECK_THROWS_AS(saving::load_model("missing.safetensors"), FileError);
  CHECK_THROWS_AS(model.load_weights("missing.safetensors"), FileError);
}

TEST_CASE("a failed save leaves the old file", "[saving][errors]") {
  const TemporaryFolder folder;
  const auto model = dense_net(3, 4);
  model.save(folder / "m.safetensors");
  const auto size = std::filesystem::file_size(folder / "m.safetensors");
  CHECK_THROWS_AS(model.save(folder / "m.safetensors", {.dtype = "float8"}), ArgumentError);
  CHECK_THROWS_AS(Sequential({layers::Dense(2)}).save(folder / "m.safetensors"), StateError);
  CHECK_THROWS_AS(model.save(folder / "no" / "such" / "folder.safetensors"), FileError);
  CHECK(std::filesystem::file_size(folder / "m.safetensors") == size);
}

TEST_CASE("load_weights reports what it did", "[saving][weights]") {
  const TemporaryFolder folder;
  const auto from = dense_net(3, 4);
  auto to = dense_net(3, 4);
  to.set_weights({F({3, 4}), F({4}), F({4, 2}), F({2})});
  from.save_weights(folder / "w.safetensors");
  const LoadReport report = to.load_weights(folder / "w.safetensors");
  CHECK(report.complete());
  CHECK(report.loaded == std::vector<std::string>{"hidden/kernel", "hidden/bias", "out/kernel", "out/bias"});
  CHECK(same(to.get_weights(), from.get_weights()));
}

TEST_CASE("a whole model's file gives its weights too, a weights file gives no model", "[saving][weights]") {
  const TemporaryFolder folder;
  const auto from = dense_net(3, 4);
  const auto to = dense_net(3, 4);
  from.save(folder / "m.safetensors");
  CHECK(to.load_weights(folder / "m.safetensors").complete());
  from.save_weights(folder / "w.safetensors");
  CHECK_THROWS_WITH(saving::load_model(folder / "w.safetensors"),
                    ContainsSubstring("has no 'model' in its metadata: it holds weights without a model"));
}

TEST_CASE("nested weights are named by the way to them", "[saving][weights]") {
  const TemporaryFolder folder;
  const layers::Dense shared(3, {.name = "shared"});
  const Sequential inner({Input({3}), shared}, {.name = "inner"});
  const Sequential model({Input({3}), inner, shared, layers::Dense(1, {.name = "end"})}, {.name = "m"});
  model.save_weights(folder / "w.safetensors");
  CHECK(io::TensorFile(folder / "w.safetensors").names() ==
        std::vector<std::string>{"inner/shared/kernel", "inner/shared/bias", "end/kernel", "end/bias"});
}

TEST_CASE("any fault stops a strict load, with the whole table, and changes nothing", "[saving][weights][errors]") {
  const TemporaryFolder folder;
  dense_net(3, 5, "other").save_weights(folder / "w.safetensors");
  const auto model = dense_net(3, 4);
  const auto before = model.get_weights();
  const std::string text = error_of<FileError>([&] { model.load_weights(folder / "w.safetensors"); });
  CHECK_THAT(
      text,
      ContainsSubstring(
          "does not fit the model 'net'. Nothing was loaded: 0 matched, 2 missing, 2 unexpected, 2 of another shape"));
  CHECK_THAT(text, ContainsSubstring("\n  missing in the file: out/kernel\n  missing in the file: out/bias"));
  CHECK_THAT(text, ContainsSubstring("\n  not in the model: other/kernel\n  not in the model: other/bias"));
  CHECK_THAT(text, ContainsSubstring("\n  another shape: hidden/kernel, the model has (3, 4), the file (3, 5)"));
  CHECK(same(model.get_weights(), before));
}

TEST_CASE("compare_weights reports what a load would do, and loads nothing", "[saving][weights]") {
  const TemporaryFolder folder;
  dense_net(3, 5, "other").save_weights(folder / "w.safetensors");
  const auto model = dense_net(3, 4);
  const auto before = model.get_weights();
  const auto report = saving::compare_weights(*model.state(), io::TensorFile(folder / "w.safetensors"));
  CHECK(report.loaded.empty());
  CHECK(report.missing == std::vector<std::string>{"out/kernel", "out/bias"});
  CHECK(report.unexpected == std::vector<std::string>{"other/kernel", "other/bias"});
  CHECK(report.mismatched.size() == 2);
  model.save_weights(folder / "own.safetensors");
  CHECK(saving::compare_weights(*model.state(), io::TensorFile(folder / "own.safetensors")).complete());
  CHECK(same(model.get_weights(), before));
}

TEST_CASE("by_name and skip_mismatch take what fits", "[saving][weights]") {
  const TemporaryFolder folder;
  const auto from = dense_net(3, 4, "other");
  from.save_weights(folder / "w.safetensors");
  auto to = dense_net(3, 4);
  to.set_weights({F({3, 4}), F({4}), F({4, 2}), F({2})});
  CHECK_THROWS_AS(to.load_weights(folder / "w.safetensors"), FileError);
  CHECK_THROWS_AS(to.load_weights(folder / "w.safetensors", {.skip_mismatch = true}), FileError);  // names still count
  const auto report = to.load_weights(folder / "w.safetensors", {.by_name = true});
  CHECK(report.loaded.size() == 2);
  CHECK(report.missing.size() == 2);
  CHECK(report.unexpected.size() == 2);
  CHECK(same_bits(to.get_weights()[0], from.get_weights()[0]));
  CHECK(same_bits(to.get_weights()[2], F({4, 2})));

  const auto wide = dense_net(3, 5);
  const auto wide_before = wide.get_weights();
  dense_net(3, 4).save_weights(folder / "v.safetensors");
  CHECK_THROWS_AS(wide.load_weights(folder / "v.safetensors", {.by_name = true}), FileError);
  const auto partly = wide.load_weights(folder / "v.safetensors", {.skip_mismatch = true});
  CHECK(partly.loaded == std::vector<std::string>{"out/bias"});
  CHECK(partly.mismatched.size() == 3);
  CHECK(partly.mismatched[0].expected == Shape{3, 5});
  CHECK(partly.mismatched[0].found == Shape{3, 4});
  CHECK(same_bits(wide.get_weights()[0], wide_before[0]));
}

TEST_CASE("load_weights needs a model with a shape", "[saving][weights][errors]") {
  CHECK_THROWS_WITH(Sequential({layers::Dense(2)}, {.name = "s"}).load_weights("w.safetensors"),
                    ContainsSubstring("Sequential 's' does not know its input shape yet"));
}

TEST_CASE("classes of the user's own are made by custom_objects", "[saving]") {
  const TemporaryFolder folder;
  const Sequential model({Input({3}), Scale(2.5, "mine"), layers::Dense(2, {.name = "d"})});
  model.layer("mine").set_weights({F({3}, {1, 2, 3})});
  model.save(folder / "m.safetensors");
  CHECK_THROWS_WITH(saving::load_model(folder / "m.safetensors"),
                    "Layer 'mine' is of the class Scale, which graft does not have. Give load_model a maker for it: "
                    ".custom_objects = {{\"Scale\", ...}}.");
  const auto loaded = saving::load_model(folder / "m.safetensors",
                                         {.custom_objects = {{"Scale", saving::maker<Scale>()}}, .check = true});
  const auto x = random_tensor<float>({4, 3}, 1);
  CHECK(same_bits(loaded.predict(x), model.predict(x)));
}

TEST_CASE("the golden vector notices a changed weight", "[saving]") {
  const TemporaryFolder folder;
  small_net().save(folder / "m.safetensors");
  Rewritten copy(folder / "m.safetensors");
  REQUIRE(copy.metadata.contains("golden"));
  copy.save(folder / "same.safetensors");
  CHECK_NOTHROW(saving::load_model(folder / "same.safetensors", {.check = true}));
  copy.tensors.at("conv/kernel").data()[7] += 0.5f;
  copy.save(folder / "changed.safetensors");
  CHECK_NOTHROW(saving::load_model(folder / "changed.safetensors"));
  CHECK_THROWS_WITH(saving::load_model(folder / "changed.safetensors", {.check = true}),
                    ContainsSubstring("does not compute its own golden vector"));
  copy.metadata["golden"] = R"({"input_shape": [1000000000, 8, 8, 3], "output": [1]})";
  copy.save(folder / "large.safetensors");
  CHECK_THROWS_WITH(saving::load_model(folder / "large.safetensors", {.check = true}),
                    ContainsSubstring("which is too large"));
  copy.metadata["golden"] = "[";
  copy.save(folder / "bad.safetensors");
  CHECK_THROWS_WITH(saving::load_model(folder / "bad.safetensors", {.check = true}),
                    ContainsSubstring("golden vector is not valid JSON"));
}

TEST_CASE("a model whose input is too large for an example is saved without one", "[saving]") {
  const TemporaryFolder folder;
  const Sequential large({Input({64, 64, 3}), layers::Conv2D(1, 3)});
  large.save(folder / "large.safetensors");
  CHECK_FALSE(io::TensorFile(folder / "large.safetensors").metadata().contains("golden"));
  const Sequential wide_kernel({Input({None, None, 1}), layers::Conv2D(1, 40)});  // an example of 32 x 32 does not fit
  wide_kernel.save(folder / "wide.safetensors");
  CHECK_FALSE(io::TensorFile(folder / "wide.safetensors").metadata().contains("golden"));
  CHECK_NOTHROW(saving::load_model(folder / "wide.safetensors", {.check = true}));
}

TEST_CASE("a config that lies is refused before it costs anything", "[saving][errors]") {
  const TemporaryFolder folder;
  dense_net(3, 4).save(folder / "m.safetensors");
  Rewritten copy(folder / "m.safetensors");
  const Json good = Json::parse(copy.metadata.at("model"));
  const auto message = [&](const std::string& config) {
    copy.metadata["model"] = config;
    copy.save(folder / "bad.safetensors");
    return error_of<Error>([&] { saving::load_model(folder / "bad.safetensors"); });
  };
  const auto with = [&](const char* path, const Json& value) {
    Json json = good;
    json[Json::json_pointer(path)] = value;
    return json.dump();
  };
  CHECK_THAT(message("{"), ContainsSubstring("'model' in its metadata is not valid JSON"));
  CHECK_THAT(message("[]"), ContainsSubstring("the model has no 'class_name'"));
  CHECK_THAT(message(R"({"class_name": "Sequential"})"), ContainsSubstring("has no 'config'"));
  CHECK_THAT(message(R"({"class_name": 5, "config": {}})"),
             ContainsSubstring("'class_name' of the model must be a string"));
  CHECK_THAT(message(with("/class_name", "MyModel")),
             ContainsSubstring("the class MyModel is neither Sequential nor Functional"));
  CHECK_THAT(message(with("/config/layers/1/class_name", "Evil")),
             ContainsSubstring("of the class Evil, which graft does not have"));
  CHECK_THAT(message(with("/config/layers/1/config", 7)), ContainsSubstring("its config must be an object"));
  CHECK_THAT(message(with("/config/layers/1/config/units", "many")),
             ContainsSubstring("'units' in its config must be a whole number, got \"many\""));
  CHECK_THAT(message(with("/config/layers/1/config/units", 4.5)), ContainsSubstring("must be a whole number"));
  CHECK_THAT(message(with("/config/layers/1/config/units", -4)), ContainsSubstring("units must be at least 1"));
  CHECK_THAT(message(with("/config/layers/1/config/activation", "rellu")), ContainsSubstring("rellu"));
  CHECK_THAT(message(with("/config/layers", 5)), ContainsSubstring("'layers' of Sequential must be a list"));
  CHECK_THAT(message(with("/config/layers", Json::array())), ContainsSubstring("not in the model"));
  // More numbers than the file has, up to more than can be counted.
  for (const Json& units : {Json(5), Json(1000000000), Json(4000000000000000000)})
    CHECK_THAT(message(with("/config/layers/1/config/units", units)),
               ContainsSubstring("the file has only") || ContainsSubstring("more elements than can be counted"));
  CHECK_THAT(message(std::string(100000, '[')), ContainsSubstring("nested more than 400 deep"));
  // Weights of another model under a right config.
  copy.metadata["model"] = good.dump();
  copy.tensors.erase("out/bias");
  copy.save(folder / "bad.safetensors");
  CHECK_THAT(error_of<FileError>([&] { saving::load_model(folder / "bad.safetensors"); }),
             ContainsSubstring("the file has only") || ContainsSubstring("missing in the file: out/bias"));
}

TEST_CASE("a functional config that does not connect is refused", "[saving][errors]") {
  const TemporaryFolder folder;
  const auto x = Input({3}, {.name = "x"});
  Model(x, layers::Dense(2, {.name = "b"})(layers::Dense(2, {.name = "a"})(x)), {.name = "m"})
      .save(folder / "m.safetensors");
  Rewritten copy(folder / "m.safetensors");
  const Json good = Json::parse(copy.metadata.at("model"));
  const auto message = [&](const char* path, const Json& value) {
    Json json = good;
    json[Json::json_pointer(path)] = value;
    copy.metadata["model"] = json.dump();
    copy.save(folder / "bad.safetensors");
    return error_of<Error>([&] { saving::load_model(folder / "bad.safetensors"); });
  };
  const char* history = "/config/layers/1/inbound_nodes/0/args/0/config/keras_history";
  CHECK_THAT(message(history, Json{"b", 0, 0}), ContainsSubstring("are made by no layer"));  // a circle
  CHECK_THAT(message(history, Json{"nobody", 0, 0}), ContainsSubstring("are made by no layer"));
  CHECK_THAT(message(history, Json{"x", -1, 0}), ContainsSubstring("are made by no layer"));
  CHECK_THAT(message(history, Json{"x", 0, 99}), ContainsSubstring("are made by no layer"));
  CHECK_THAT(message(history, Json{"x", "0", 0}), ContainsSubstring("must be [layer, call, output]"));
  CHECK_THAT(message(history, Json{"x"}), ContainsSubstring("must be [layer, call, output]"));
  CHECK_THAT(message("/config/layers/2/config/name", "a"), ContainsSubstring("two layers called 'a'"));
  CHECK_THAT(message("/config/output_layers", Json{"z", 0, 0}), ContainsSubstring("has no tensor [\"z\",0,0]"));
  CHECK_THAT(message("/config/input_layers", Json{"a", 0, 0}), ContainsSubstring("Give a tensor made by Input()"));
  CHECK_THAT(message("/config/layers/0/config/batch_shape", Json(nullptr)), ContainsSubstring("has no batch_shape"));
  CHECK_THAT(message("/config/layers/1/inbound_nodes", Json(5)), ContainsSubstring("must be [layer, call, output]"));
  CHECK_THAT(message("/config/layers/1/inbound_nodes", Json("text")),
             ContainsSubstring("must be [layer, call, output]"));
  CHECK_THAT(message("/config/layers/1/inbound_nodes/0/args", Json(5)), ContainsSubstring("at least 1 input"));
}

TEST_CASE("class names and preprocessing in a file must be lists of strings", "[saving][errors]") {
  const TemporaryFolder folder;
  dense_net(3, 4).save(folder / "m.safetensors");
  Rewritten copy(folder / "m.safetensors");
  copy.metadata["class_names"] = "{\"a\": 1}";
  copy.save(folder / "bad.safetensors");
  CHECK_THROWS_WITH(saving::load_model(folder / "bad.safetensors"),
                    ContainsSubstring("'class_names' in its metadata must be a list"));
  copy.metadata["class_names"] = "[1, 2]";
  copy.save(folder / "bad.safetensors");
  CHECK_THROWS_WITH(saving::load_model(folder / "bad.safetensors"),
                    ContainsSubstring("'class_names' must hold strings"));
  copy.metadata.erase("class_names");
  copy.save(folder / "without.safetensors");
  CHECK(saving::load_model(folder / "without.safetensors").class_names().empty());
}

TEST_CASE("Keras 2's inbound_nodes are read too", "[saving]") {
  const Json config = Json::parse(R"({"class_name": "Functional", "config": {"name": "k2", "layers": [
    {"class_name": "InputLayer", "config": {"batch_shape": [null, 3], "name": "in"}, "name": "in", "inbound_nodes": []},
    {"class_name": "Dense", "config": {"name": "d", "units": 2}, "name": "d", "inbound_nodes": [[["in", 0, 0, {}]], [["in", 0, 0, {}]]]},
    {"class_name": "Concatenate", "config": {"name": "c"}, "name": "c", "inbound_nodes": [[["d", 0, 0, {}], ["d", 1, 0, {}]]]}],
    "input_layers": [["in", 0, 0]], "output_layers": [["c", 0, 0]]}})");
  saving::LayerFactory<float> factory;
  saving::add_builtin_layers(factory);
  const auto model = saving::model_from_json<float>(config, factory);
  CHECK(model->output().shape() == Shape{None, 4});
  CHECK(model->count_params() == 8);
}

TEST_CASE("a loaded model is not compiled and trains on", "[saving]") {
  const TemporaryFolder folder;
  const auto model = dense_net(3, 4);
  model.compile({.loss = "mse"});
  model.save(folder / "m.safetensors");
  const auto loaded = saving::load_model(folder / "m.safetensors");
  CHECK_THROWS_AS(loaded.fit(F({2, 3}), F({2, 2}), {.verbose = 0}), StateError);
  loaded.compile({.loss = "mse"});
  CHECK(loaded.fit(F({2, 3}), F({2, 2}), {.verbose = 0})["loss"].size() == 1);
}

TEST_CASE("no weight budget outlives the load", "[saving]") {
  const TemporaryFolder folder;
  dense_net(3, 4).save(folder / "m.safetensors");
  saving::load_model(folder / "m.safetensors");
  const layers::Dense d(100, {.name = "after"});
  d(Input({100}));
  CHECK(d.get_weights()[0].data()[0] != 0);  // drawn, not zero
}
