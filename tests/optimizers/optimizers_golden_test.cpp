#include <cmath>
#include <graft/io/safetensors.hpp>
#include <graft/optimizers/optimizer.hpp>
#include <graft/saving/json_config.hpp>

#include "support/catch.hpp"
#include "support/numeric.hpp"

using namespace graft;

namespace {

// Where Keras casts a Python float to the variable's type, TensorFlow makes a float32 of it on the way: SGD's momentum,
// every weight_decay, and the betas of Adam's correction for the start (but not those of its averages).
double through_float(double value) { return static_cast<double>(static_cast<float>(value)); }

saving::Json config_of(const saving::Json& c) {
  saving::Json config = c["config"];
  if (!config["weight_decay"].is_null()) config["weight_decay"] = through_float(config["weight_decay"]);
  if (c["class_name"] == "SGD") config["momentum"] = through_float(config["momentum"]);
  return config;
}

double start_correction(double beta_1, double beta_2, long iteration) {
  const double t = static_cast<double>(iteration + 1);
  return std::sqrt(1 - std::pow(beta_2, t)) / (1 - std::pow(beta_1, t));
}

/// Adam's step with Keras's rounded betas: the learning rate makes up for them, so the decay, which it would change
/// too, is applied here.
optimizers::StepInfo adam_step(const Optimizer& optimizer, const saving::Json& config, Tensor<double>& w) {
  auto step = optimizer.step();
  const double b1 = config["beta_1"], b2 = config["beta_2"];
  if (!config["weight_decay"].is_null())
    w.array() -= w.array() * (config["weight_decay"].get<double>() * step.learning_rate);
  step.decay = false;
  step.learning_rate *=
      start_correction(through_float(b1), through_float(b2), step.iteration) / start_correction(b1, b2, step.iteration);
  return step;
}

struct Memory {
  Tensor<double> w;
  std::vector<Tensor<double>> slots;
};

/// One step of all variables, as the trainer takes it.
void take_step(const Optimizer& optimizer, const saving::Json& config, std::vector<Memory>& variables,
               std::vector<Tensor<double>> gradients) {
  std::vector<View<double>> clipped;
  for (auto& g : gradients) clipped.push_back(g.view());
  optimizer.clip<double>(clipped);
  for (std::size_t v = 0; v < variables.size(); ++v) {
    std::vector<View<double>> slots;
    for (auto& slot : variables[v].slots) slots.push_back(slot.view());
    auto& w = variables[v].w;
    const auto step = config.contains("beta_1") ? adam_step(optimizer, config, w) : optimizer.step();
    optimizer.update<double>(w.view(), clipped[v], slots, step);
  }
  optimizer.set_iterations(optimizer.iterations() + 1);
}

}  // namespace

TEST_CASE("Optimizers equal Keras's over ten steps", "[optimizers][golden]") {
  const io::TensorFile file(GRAFT_TEST_DATA "/golden/optimizers.safetensors");
  const auto cases = saving::Json::parse(file.metadata().at("cases"));
  REQUIRE(cases.size() > 70);
  for (const saving::Json& c : cases) {
    INFO(c["name"].get<std::string>());
    Optimizer optimizer = "sgd";
    const saving::Json config = config_of(c);
    const saving::Json fields{{"optimizer", {{"class_name", c["class_name"]}, {"config", config}}}};
    saving::JsonConfigReader reader(fields, "golden");
    reader("optimizer", optimizer);
    const auto tensor = [&](const char* key, std::size_t v) { return file.read<double>(c[key][v].get<std::string>()); };
    std::vector<Memory> variables;
    for (const std::size_t v : {0u, 1u}) {
      const auto initial = tensor("initial", v);
      variables.push_back(
          {initial, std::vector<Tensor<double>>(to_size(optimizer.slots()), Tensor<double>(initial.shape()))});
    }
    for (Index step = 0; step < 10; ++step) {
      take_step(optimizer, config, variables, {tensor("gradients", 0)[step], tensor("gradients", 1)[step]});
      // All else is float64 in Keras as well: some hundred roundings of 1e-16 over ten steps.
      for (const std::size_t v : {0u, 1u}) CHECK(relative_error(variables[v].w, tensor("values", v)[step]) < 1e-13);
    }
  }
}
