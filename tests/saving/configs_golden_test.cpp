#include <fstream>
#include <graft/losses/loss.hpp>
#include <graft/metrics/metric.hpp>
#include <graft/models/model_config.hpp>
#include <graft/models/sequential.hpp>
#include <graft/optimizers/optimizer.hpp>
#include <graft/saving/builtin_layers.hpp>
#include <set>

#include "support/catch.hpp"
#include "support/compare_configs.hpp"

using namespace graft;
using saving::Json;

namespace {

/// What graft writes after it has read what Keras wrote.
template <class T>
Json again(const Json& keras, T thing) {
  const Json from{{"x", keras}};
  saving::JsonConfigReader reader(from, "test");
  reader("x", thing);
  Json to;
  saving::JsonConfigWriter writer(to);
  writer("x", thing);
  return to["x"];
}
Json again(const Json& keras) {
  const std::string module = keras["module"];
  if (module == "keras.losses") return again(keras, Loss());
  if (module == "keras.metrics") return again(keras, Metric("mse"));
  if (module == "keras.optimizers") return again(keras, Optimizer("sgd"));
  if (module == "keras.initializers") return again(keras, Initializer("zeros"));
  if (module == "keras.regularizers") return again(keras, Regularizer());
  if (module == "keras.constraints") return again(keras, Constraint());
  saving::JsonConfigReader reader(keras["config"], "test");
  saving::LayerFactory<float> factory;
  saving::add_builtin_layers(factory);
  Json json = saving::layer_to_json<float>(*factory.make(keras["class_name"], "x", reader));
  json.erase("name");  // serialize_keras_object() leaves it to the model that holds the layer
  return json;
}

}  // namespace

TEST_CASE("Every class is written with the fields that Keras writes", "[saving][config][golden]") {
  std::ifstream file(std::string(GRAFT_TEST_DATA) + "/golden/configs.json");
  const Json cases = Json::parse(file)["cases"];
  REQUIRE(cases.size() > 80);
  // Keras's own get_config() forgets these; its constructors take them.
  const std::set<std::string> forgotten{"Huber/config/delta: not in Keras", "Identity/config/gain: not in Keras"};
  std::set<std::string> absent;
  for (const Json& keras : cases) {
    const std::string name = keras["class_name"];
    INFO(name);
    std::vector<std::string> wrong;
    compare_configs(again(keras), keras, name, wrong, absent);
    std::erase_if(wrong, [&](const std::string& fault) { return forgotten.contains(fault); });
    CHECK(wrong == std::vector<std::string>());
  }
  // Options that graft does not have, and the names of schedules. Keras fills in what is absent.
  CHECK(absent == std::set<std::string>{"dtype", "gradient_accumulation_steps", "ignore_class", "input_axes",
                                        "label_weights", "loss_scale_factor", "multi_label", "name", "num_labels",
                                        "optional", "output_axes", "quantization_config", "ragged", "renorm",
                                        "renorm_clipping", "renorm_momentum", "sparse"});
}
