#include <iostream>
#include <sstream>

#include "keras/random_files.hpp"

// Forty trainings that were drawn at random and change from Keras to graft, or back, in the middle.

using namespace graft;
using saving::Json;

namespace {

const RandomFiles& trainings() {
  static const RandomFiles files("random_trainings");
  return files;
}
std::vector<nlohmann::json> cases() { return trainings().cases(); }

Model<float> load(const nlohmann::json& one, const std::string& ending) {
  return keras::load_model(trainings().file(one["name"].get<std::string>() + ending));
}
Index batches_before(const nlohmann::json& one) { return one["before"]; }

/// Trains on the batches from `first` up to `last`; 0 is after the last.
void train(const Model<float>& model, const nlohmann::json& one, Index first, Index last = 0) {
  const auto x = trainings().tensor(one, "x"), y = trainings().tensor(one, "y");
  for (Index batch = first; batch < (last == 0 ? x.shape().front() : last); ++batch)
    model.train_on_batch(x[batch], y[batch]);
}

/// Whether the optimizer remembers more than how many steps it took.
bool has_memory(const Model<float>& model) { return !keras::optimizer_slots(model).empty(); }

/// A compile_config in one spelling: Keras keeps a name where it was given one, graft writes what it stands for.
Json plain_compile_config(const std::filesystem::path& path) {
  Json config = config_in(path)["compile_config"];
  if (config["loss"].is_string()) config["loss"] = keras::detail::loss_json(Loss(config["loss"].get<std::string>()));
  for (Json& metric : config["metrics"])
    if (metric.is_string()) metric = keras::detail::metric_list_json({Metric(metric.get<std::string>())}).front();
  keras::add_modules(config);
  return plain_config(config);
}

/// What Keras writes of it and graft does not: names of schedules, and options that graft has one value of.
const std::set<std::string> not_written{
    "dtype", "gradient_accumulation_steps", "label_weights", "loss_scale_factor", "multi_label", "name", "num_labels"};

/// What is written to the error stream meanwhile.
std::string warnings(const std::function<void()>& call) {
  std::ostringstream text;
  auto* kept = std::cerr.rdbuf(text.rdbuf());
  call();
  std::cerr.rdbuf(kept);
  return text.str();
}

}  // namespace

TEST_CASE("a model that was compiled and not trained is loaded without a warning", "[keras][random]") {
  const nlohmann::json one = GENERATE(from_range(cases()));
  CHECK(warnings([&] { load(one, "_start.keras"); }) == "");
}

TEST_CASE("random trainings go on where Keras stopped", "[keras][random]") {
  const nlohmann::json one = GENERATE(from_range(cases()));
  const std::string ending = GENERATE(".keras", "_whole.h5");
  INFO(one["name"] << ending);
  const Model<float> model = load(one, ending);
  CHECK(model.optimizer().iterations() == batches_before(one));
  CHECK(same_bits(model.get_weights(), trainings().tensors(one, "middle")));
  train(model, one, batches_before(one));
  CHECK(trainings().distance_in_roundings(model.get_weights(), one, "end", "later") <= 1);
}

TEST_CASE("without the optimizer's memory random trainings go elsewhere", "[keras][random]") {
  int with_memory = 0, elsewhere = 0;
  for (const auto& one : cases()) {
    const Model<float> model = load(one, ".keras");
    if (!has_memory(model)) continue;
    ++with_memory;
    model.compile(keras::read_compile_config(keras::write_compile_config(model), model.output_names()));
    train(model, one, batches_before(one));
    const double away = trainings().distance_in_roundings(model.get_weights(), one, "end", "later");
    UNSCOPED_INFO(one["name"] << ": " << away);
    elsewhere += away > 10;
  }
  CHECK(elsewhere == with_memory);
}

TEST_CASE("random trainings that graft saves go on to the same bits, and to where Keras ends", "[keras][random]") {
  const TemporaryFolder folder;
  const nlohmann::json one = GENERATE(from_range(cases()));
  INFO(one["name"]);
  const Model<float> model = load(one, "_start.keras");
  CHECK(model.optimizer().iterations() == 0);
  train(model, one, 0, batches_before(one));
  for (const std::string ending : {".keras", ".h5"}) keras::save_model(model, folder / ("m" + ending));
  train(model, one, batches_before(one));
  CHECK(trainings().distance_in_roundings(model.get_weights(), one, "end", "through") <= 1);
  for (const std::string ending : {".keras", ".h5"}) {
    INFO(ending);
    const Model<float> again = keras::load_model(folder / ("m" + ending));
    CHECK(again.optimizer().iterations() == batches_before(one));
    train(again, one, batches_before(one));
    CHECK(same_bits(again.get_weights(), model.get_weights()));
  }
  std::vector<std::string> wrong;
  std::set<std::string> absent;
  compare_configs(plain_compile_config(folder / "m.keras"),
                  plain_compile_config(trainings().file(one["name"].get<std::string>() + ".keras")), one["name"], wrong,
                  absent);
  CHECK(wrong == std::vector<std::string>());
  std::erase_if(absent, [](const std::string& key) { return not_written.contains(key); });
  CHECK(absent == std::set<std::string>());
}

// Not a test of its own: random_in_keras.py runs it, and trains on in Keras.
TEST_CASE("write every random training for Keras to go on with", "[.exchange-random]") {
  const std::string folder = std::getenv("GRAFT_EXCHANGE");
  for (const auto& one : cases()) {
    const Model<float> model = load(one, "_start.keras");
    train(model, one, 0, batches_before(one));
    keras::save_model(model, folder + "/" + one["name"].get<std::string>() + ".keras");
  }
}
