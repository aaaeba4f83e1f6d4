#include <graft/constraints/constraint.hpp>
#include <graft/core/tensor.hpp>
#include <graft/io/safetensors.hpp>
#include <graft/saving/json_config.hpp>

#include "support/catch.hpp"

using namespace graft;

TEST_CASE("Constraints equal Keras's", "[constraints][golden]") {
  const io::TensorFile file(GRAFT_TEST_DATA "/golden/misc.safetensors");
  Index compared = 0;
  for (const saving::Json& c : saving::Json::parse(file.metadata().at("cases"))) {
    if (c["group"] != "constraint") continue;
    INFO(c["name"].get<std::string>());
    ++compared;
    Constraint constraint;
    const saving::Json fields{{"constraint", {{"class_name", c["class_name"]}, {"config", c["config"]}}}};
    saving::JsonConfigReader reader(fields, "golden");
    reader("constraint", constraint);
    auto w = file.read<double>(c["input"]);
    const auto expected = file.read<double>(c["output"]);
    constraint.apply(w.view());
    // Numbers up to 5, sums of at most 12 squares in another order.
    CHECK((w.array() - expected.array()).abs().maxCoeff() < 1e-14);
  }
  CHECK(compared == 9);
}
