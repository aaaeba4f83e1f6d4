#include <graft/core/tensor.hpp>
#include <graft/io/safetensors.hpp>
#include <graft/regularizers/regularizer.hpp>
#include <graft/saving/json_config.hpp>

#include "support/catch.hpp"
#include "support/numeric.hpp"

using namespace graft;

TEST_CASE("Penalties and their gradients equal Keras's", "[regularizers][golden]") {
  const io::TensorFile file(GRAFT_TEST_DATA "/golden/misc.safetensors");
  Index compared = 0;
  for (const saving::Json& c : saving::Json::parse(file.metadata().at("cases"))) {
    if (c["group"] != "regularizer") continue;
    INFO(c["name"].get<std::string>());
    ++compared;
    Regularizer regularizer;
    // Keras casts the factors to the weight's type, and TensorFlow makes a float32 of them on the way.
    saving::Json config = c["config"];
    for (auto& factor : config) factor = static_cast<double>(factor.get<float>());
    const saving::Json fields{{"regularizer", {{"class_name", c["class_name"]}, {"config", config}}}};
    saving::JsonConfigReader reader(fields, "golden");
    reader("regularizer", regularizer);
    const auto w = file.read<double>(c["input"]), expected = file.read<double>(c["gradient"]);
    // Keras multiplies by the factor after the sum: 12 roundings of 1e-16.
    CHECK_THAT(regularizer.value(w.view()), WithinRel(c["value"].get<double>(), 1e-14) || WithinAbs(0, 1e-300));
    Tensor<double> dw(w.shape());
    regularizer.add_gradient<double>(w.view(), dw.view());
    CHECK((dw.array() - expected.array()).abs().maxCoeff() < 1e-15);
  }
  CHECK(compared == 6);
}
