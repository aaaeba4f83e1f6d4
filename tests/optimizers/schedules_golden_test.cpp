#include <graft/optimizers/learning_rate.hpp>
#include <graft/saving/json_config.hpp>

#include "support/catch.hpp"
#include "support/golden.hpp"

using namespace graft;

TEST_CASE("Schedules give Keras's learning rates", "[optimizers][schedules][golden]") {
  const auto cases = GoldenFile("misc").group("schedule");
  REQUIRE(cases.size() == 9);
  for (const auto& c : cases) {
    INFO(c["name"].get<std::string>());
    const saving::Json fields{{"learning_rate", {{"class_name", c["class_name"]}, {"config", c["config"]}}}};
    saving::JsonConfigReader reader(fields, "test");
    optimizers::LearningRate rate = 0.0;
    reader("learning_rate", rate);
    for (std::size_t i = 0; i < c["steps"].size(); ++i) {
      INFO("step " << c["steps"][i]);
      // Keras computes rates in float32: up to eight roundings of 6e-8, of a rate of 0.2 where a cosine ends near 0.
      const double expected = c["rates"][i];
      CHECK_THAT(rate.at(c["steps"][i].get<long>()), WithinRel(expected, 5e-7) || WithinAbs(expected, 2e-8));
    }
  }
}
