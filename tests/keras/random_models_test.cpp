#include "keras/random_files.hpp"

// A hundred models that were drawn at random, with every layer that graft has, through each of Keras's formats.

using namespace graft;
using saving::Json;

namespace {

const std::vector<std::string> endings{".keras", "_whole.h5", ".weights.h5", "_weights.h5"};

const RandomFiles& models() {
  static const RandomFiles files("random_models");
  return files;
}
std::vector<nlohmann::json> cases() { return models().cases(); }

bool is_whole(const std::string& ending) { return ending == ".keras" || ending == "_whole.h5"; }

Json keras_config_of(const std::string& name) { return config_in(models().file(name + ".keras")); }

std::vector<Tensor<float>> predictions(const Model<float>& model, const nlohmann::json& one) {
  return model.predict_outputs(Dataset<float>::from_tensors(models().tensors(one, "x")));
}

/// The model of a case from a file; where that holds weights alone, they go into a model with others.
Model<float> read(const std::string& name, const std::filesystem::path& path, const std::string& ending) {
  if (is_whole(ending)) return keras::load_model(path);
  const auto model = keras_model<float>(keras_config_of(name));
  CHECK(keras::load_weights(*model, path).complete());
  return *model;
}

void write(const Model<float>& model, const std::filesystem::path& path, const std::string& ending) {
  is_whole(ending) ? keras::save_model(model, path) : keras::save_weights(model, path);
}

/// What Keras writes and graft does not: how things were built, masks of nothing, and options that graft has one value
/// of.
const std::set<std::string> not_written{"build_config", "build_input_shape", "compile_config",   "input_axes",
                                        "mask",         "optional",          "output_axes",      "ragged",
                                        "renorm",       "renorm_momentum",   "shared_object_id", "sparse"};

}  // namespace

TEST_CASE("random models of Keras are read from every format, and compute the same", "[keras][random]") {
  const nlohmann::json one = GENERATE(from_range(cases()));
  const std::string name = one["name"];
  for (const std::string& ending : endings) {
    INFO(name << ending);
    const Model<float> model = read(name, models().file(name + ending), ending);
    CHECK(same_bits(model.get_weights(), models().tensors(one, "weights")));
    CHECK(models().distance_in_roundings(predictions(model, one), one, "y", "exact") <= 1);
  }
}

TEST_CASE("random models survive every format, with the config that Keras wrote", "[keras][random]") {
  const TemporaryFolder folder;
  const nlohmann::json one = GENERATE(from_range(cases()));
  const std::string name = one["name"];
  const Model<float> model = keras::load_model(models().file(name + GENERATE(".keras", "_whole.h5")));
  const auto expected = predictions(model, one);
  for (const std::string& ending : endings) {
    INFO(name << ending);
    const auto path = folder / (name + ending);
    write(model, path, ending);
    const Model<float> again = read(name, path, ending);
    CHECK(same_bits(again.get_weights(), models().tensors(one, "weights")));
    CHECK(same_bits(predictions(again, one), expected));
    if (!is_whole(ending)) continue;
    std::vector<std::string> wrong;
    std::set<std::string> absent;
    compare_configs(plain_config(config_in(path)), plain_config(keras_config_of(name)), name, wrong, absent);
    // Keras's own get_config() forgets it; its constructor takes it.
    std::erase_if(wrong, [](const std::string& fault) { return fault.ends_with("gain: not in Keras"); });
    CHECK(wrong == std::vector<std::string>());
    std::erase_if(absent, [](const std::string& key) { return not_written.contains(key); });
    CHECK(absent == std::set<std::string>());
  }
}

TEST_CASE("the random models are of every kind and have every layer", "[keras][random]") {
  if (std::getenv("GRAFT_RANDOM_FILES") != nullptr) return;
  std::map<std::string, int> kinds;
  std::set<std::string> classes;
  const std::function<void(const Json&)> collect = [&](const Json& config) {
    for (const Json& layer : config["layers"]) {
      classes.insert(layer["class_name"]);
      if (layer["config"].contains("layers")) collect(layer["config"]);
    }
  };
  for (const auto& one : cases()) {
    ++kinds[one["kind"]];
    collect(keras_config_of(one["name"])["config"]);
  }
  CHECK(kinds == std::map<std::string, int>{{"functional", 25}, {"nested", 25}, {"sequential", 25}, {"shared", 25}});
  CHECK(classes.size() >= 53);  // the library's at the time, InputLayer, Sequential and Functional
}

// Not a test of its own: random_in_keras.py runs it, and opens the files in Keras.
TEST_CASE("write every random model for Keras to open", "[.exchange-random]") {
  const std::string folder = std::getenv("GRAFT_EXCHANGE");
  for (const auto& one : cases()) {
    const std::string name = one["name"];
    const Model<float> model = keras::load_model(models().file(name + ".keras"));
    for (const std::string& ending : endings) write(model, folder + "/" + name + ending, ending);
  }
}
