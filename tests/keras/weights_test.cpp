#include <graft/keras/weights.hpp>

#include "keras/keras_files.hpp"

using namespace graft;

namespace {

const std::vector<std::string> plain_models{"sequential", "functional", "nested", "sequences"};

std::string failure(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing was thrown";
}

Model<float> two_layers(Index units, const std::string& first = "a") {
  auto x = Input({3});
  return Model(x, layers::Dense(2, {.name = "b"})(layers::Dense(units, {.name = first})(x)), {.name = "two"});
}

}  // namespace

TEST_CASE("weights that Keras wrote are read bit by bit", "[keras][weights]") {
  const std::string name = GENERATE(from_range(plain_models));
  const std::string file = GENERATE(".weights.h5", "_weights.h5", "_whole.h5", "_keras2.h5", ".keras");
  INFO(name << file);
  const auto model = fresh_keras_model(name);
  const LoadReport report = keras::load_weights(*model, keras_file(name + file));
  CHECK(report.complete());
  CHECK(report.loaded.size() == model->get_weights().size());
  check_weights(*model, keras_case(name));
}

TEST_CASE("weights survive each of Keras's formats", "[keras][weights]") {
  const TemporaryFolder folder;
  const std::string name = GENERATE(from_range(plain_models));
  const std::string ending = GENERATE(".weights.h5", ".h5", ".hdf5");
  INFO(name << ending);
  const auto model = fresh_keras_model(name);
  keras::load_weights(*model, keras_file(name + ".weights.h5"));
  keras::save_weights(*model, folder / ("w" + ending));
  const auto other = fresh_keras_model(name);
  CHECK(keras::load_weights(*other, folder / ("w" + ending)).complete());
  check_weights(*other, keras_case(name));
}

TEST_CASE("a group written under other flags is read in the order that its names tell", "[keras][weights]") {
  const std::string file = GENERATE("_weights.h5", "_keras2.h5");  // written with some of the trunk's layers frozen
  const auto model = fresh_keras_model("nested");
  model->trainable = GENERATE(false, true);
  keras::load_weights(*model, keras_file("nested" + file));
  check_weights(*model, keras_case("nested"));
}

TEST_CASE("a group with names of its own is read by the flags or, where kinds and shapes tell, by others",
          "[keras][weights]") {
  const TemporaryFolder folder;
  const auto nested = [](const std::string& prefix) {
    auto inner = Input({2});
    auto x = layers::BatchNormalization({.name = prefix + "_bn"})(layers::Dense(2, {.name = prefix + "_dense"})(inner));
    const Model trunk(inner, x, {.name = prefix + "_trunk"});
    auto outer = Input({2});
    return Model(outer, layers::Dense(1, {.name = prefix + "_head"})(trunk(outer)), {.name = prefix});
  };
  const auto from = nested("a"), to = nested("b");
  from.trainable = GENERATE(false, true);
  to.trainable = GENERATE(false, true);
  keras::save_weights(from, folder / "w.h5");
  CHECK(keras::load_weights(to, folder / "w.h5").complete());
  for (std::size_t i = 0; i < from.get_weights().size(); ++i)
    CHECK(same_bits(from.get_weights()[i], to.get_weights()[i]));
}

TEST_CASE("by_name loads what has a name in both", "[keras][weights]") {
  const TemporaryFolder folder;
  const auto from = two_layers(4), to = two_layers(4, "other");
  keras::save_weights(from, folder / "w.h5");
  const auto before = to.layer("other").get_weights();
  const LoadReport report = keras::load_weights(to, folder / "w.h5", {.by_name = true});
  CHECK(report.loaded == std::vector<std::string>{"b/kernel", "b/bias"});
  CHECK(report.missing == std::vector<std::string>{"other/kernel", "other/bias"});
  CHECK(report.unexpected == std::vector<std::string>{"a/a/kernel", "a/a/bias"});
  CHECK(same_bits(to.layer("b").get_weights()[0], from.layer("b").get_weights()[0]));
  CHECK(same_bits(to.layer("other").get_weights()[0], before[0]));
}

TEST_CASE("a weight of another shape is named, and nothing is loaded", "[keras][weights]") {
  const TemporaryFolder folder;
  const std::string file = GENERATE("w.weights.h5", "w.h5");
  const auto from = two_layers(4), to = two_layers(5);
  keras::save_weights(from, folder / file);
  const auto before = to.get_weights();
  const std::string error = failure([&] { keras::load_weights(to, folder / file); });
  CHECK_THAT(error, ContainsSubstring(file + "' does not fit the model 'two'. Nothing was loaded"));
  CHECK_THAT(error, ContainsSubstring("another shape: a/kernel, the model has (3, 5), the file (3, 4)"));
  CHECK_THAT(error, ContainsSubstring("another shape: b/kernel, the model has (5, 2), the file (4, 2)"));
  for (std::size_t i = 0; i < before.size(); ++i) CHECK(same_bits(to.get_weights()[i], before[i]));

  const LoadReport report = keras::load_weights(to, folder / file, {.skip_mismatch = true});
  CHECK(report.mismatched.size() == 3);  // both kernels and the first bias
  // Keras leaves out whole layers of a .weights.h5, single weights of an .h5.
  CHECK(report.loaded == (file == "w.h5" ? std::vector<std::string>{"b/bias"} : std::vector<std::string>{}));
}

TEST_CASE("compare_weights reports what a load would do, and loads nothing", "[keras][weights]") {
  const TemporaryFolder folder;
  const std::string file = GENERATE("w.weights.h5", "w.h5", "w.keras");
  const auto from = two_layers(4), same = two_layers(4), other = two_layers(5);
  file == "w.keras" ? keras::save_model(from, folder / file) : keras::save_weights(from, folder / file);
  const auto before = same.get_weights();
  CHECK(keras::compare_weights(same, folder / file).complete());
  for (std::size_t i = 0; i < before.size(); ++i) CHECK(same_bits(same.get_weights()[i], before[i]));
  CHECK(keras::compare_weights(other, folder / file).mismatched.size() == 3);
  CHECK_THROWS_AS(keras::compare_weights(same, folder / "w.txt"), ArgumentError);
}

TEST_CASE("layers that only the file has are reported, as Keras ignores them", "[keras][weights]") {
  const TemporaryFolder folder;
  const auto from = two_layers(4);
  keras::save_weights(from, folder / "w.weights.h5");
  auto x = Input({3});
  const Model model(x, layers::Dense(4, {.name = "a"})(x));
  const LoadReport report = keras::load_weights(model, folder / "w.weights.h5");
  CHECK(report.loaded == std::vector<std::string>{"a/kernel", "a/bias"});
  CHECK(report.unexpected == std::vector<std::string>{"layers/dense_1/vars/0", "layers/dense_1/vars/1"});
  CHECK_THAT(failure([&] {
               keras::save_weights(model, folder / "less.weights.h5");
               keras::load_weights(from, folder / "less.weights.h5");
             }),
             ContainsSubstring("missing in the file: b/kernel"));
}

TEST_CASE("what cannot be loaded is said", "[keras][weights]") {
  const TemporaryFolder folder;
  const auto model = two_layers(4);
  CHECK_THAT(failure([&] { keras::load_weights(model, folder / "w.txt"); }),
             ContainsSubstring("must end in .keras, .weights.h5, .h5 or .hdf5"));
  CHECK_THAT(failure([&] { keras::load_weights(model, keras_file("nested.weights.h5"), {.by_name = true}); }),
             ContainsSubstring(".by_name needs a file of Keras's older layout"));
  CHECK_THAT(failure([&] { keras::load_weights(model, keras_file("nested_weights.h5")); }),
             ContainsSubstring("has 12 weights for 'trunk', the layer 'a' has 2. Nothing was loaded"));
  CHECK_THAT(
      failure([&] { keras::load_weights(model, keras_file("sequential_weights.h5")); }),
      ContainsSubstring("has weights for 3 layers (conv, bn, head), the model 'two' has 2 layers with weights (a, b)"));

  io::Hdf5Writer writer;
  const Tensor<float> value({2});
  writer.dataset("encoder/vars/0", value.view());
  writer.save(folder / "sub.weights.h5");
  CHECK_THAT(failure([&] { keras::load_weights(model, folder / "sub.weights.h5"); }),
             ContainsSubstring("has no group 'layers', but 'encoder'. Weights of a subclassed model"));
  std::filesystem::copy(folder / "sub.weights.h5", folder / "sub.h5");
  CHECK_THAT(failure([&] { keras::load_weights(model, folder / "sub.h5"); }),
             ContainsSubstring("has no 'layer_names'"));
  keras::save_weights(model, folder / "new.weights.h5");
  std::filesystem::copy(folder / "new.weights.h5", folder / "new.h5");
  CHECK_THAT(failure([&] { keras::load_weights(model, folder / "new.h5"); }),
             ContainsSubstring("Rename it so that it ends in .weights.h5"));
  keras::save_weights(model, folder / "old.h5");
  std::filesystem::copy(folder / "old.h5", folder / "old.weights.h5");
  CHECK_THAT(failure([&] { keras::load_weights(model, folder / "old.weights.h5"); }),
             ContainsSubstring("Rename it to .h5"));
  CHECK_THAT(failure([&] { keras::save_weights(model, folder / "w.keras"); }),
             ContainsSubstring("Call keras::save_model(model, path)"));
  CHECK_THAT(failure([&] { keras::load_weights(model, folder / "w.keras"); }),
             ContainsSubstring("w.keras' cannot be opened"));
}
