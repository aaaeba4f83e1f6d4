#include <graft/initializers/initializer.hpp>
#include <graft/io/safetensors.hpp>
#include <graft/saving/json_config.hpp>

#include "support/catch.hpp"

using namespace graft;

namespace {

Initializer initializer_of(const saving::Json& c) {
  Initializer initializer = "zeros";
  const saving::Json fields{{"initializer", {{"class_name", c["class_name"]}, {"config", c["config"]}}}};
  saving::JsonConfigReader reader(fields, "golden");
  reader("initializer", initializer);
  return initializer;
}

}  // namespace

TEST_CASE("Initializers equal Keras's, random ones in fans and distribution", "[initializers][golden]") {
  const io::TensorFile file(GRAFT_TEST_DATA "/golden/misc.safetensors");
  Index compared = 0;
  for (const saving::Json& c : saving::Json::parse(file.metadata().at("cases"))) {
    if (c["group"] != "initializer") continue;
    INFO(c["name"].get<std::string>());
    ++compared;
    const Shape shape(std::span<const Index>(c["shape"].get<std::vector<Index>>()));
    const auto w = initializer_of(c).operator()<double>(shape, RandomStream(1));
    if (!c["output"].is_null()) {
      CHECK((w.array() == file.read<double>(c["output"]).array()).all());
      continue;
    }
    CHECK(initializers::compute_fans(shape).in == c["fan_in"].get<double>());
    CHECK(initializers::compute_fans(shape).out == c["fan_out"].get<double>());
    const saving::Json& measured = c["measured"];
    const double stddev = measured["std"], mean = w.array().mean();
    // Two samples of 55000 values: means differ by stddev / 166, standard deviations by 1 / 235; five times that.
    CHECK_THAT(mean, WithinAbs(measured["mean"].get<double>(), stddev * 5 / 166));
    CHECK_THAT(std::sqrt((w.array() - mean).square().mean()), WithinRel(stddev, 5.0 / 235));
    // The largest of 55000 is within 1 / 100 of a limit; without one it varies by a tenth or two.
    const double largest = measured["max"].get<double>();
    CHECK_THAT(w.array().maxCoeff(), WithinRel(largest, largest < 2.4 * stddev ? 0.01 : 0.4));
  }
  CHECK(compared == 40);
}
