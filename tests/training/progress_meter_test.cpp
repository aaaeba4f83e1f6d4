#include <fstream>
#include <graft/training/progress_meter.hpp>
#include <nlohmann/json.hpp>
#include <sstream>

#include "support/catch.hpp"

using namespace graft;

TEST_CASE("progress::Meter writes the bytes that Keras's bar writes", "[training][progress][golden]") {
  std::ifstream file(GRAFT_TEST_DATA "/golden/fit_logs.json");
  REQUIRE(file);
  const auto golden_file = nlohmann::json::parse(file);
  int compared = 0;
  for (const auto& golden : golden_file.at("cases")) {
    if (golden.at("kind") != "bar") continue;
    const std::string name = golden.at("name");
    const Index target = golden.at("target").is_null() ? None : golden.at("target").get<Index>();
    std::ostringstream out;
    double now = 1000;  // as in the script: differences of binary fractions depend on where they start
    progress::Meter meter(target, golden.at("verbose"), out, [&now] { return now; });
    for (const auto& update : golden.at("updates")) {
      const Index current = update.at("current");
      const Logs values = update.at("values");
      const bool last = update.at("finalize").is_null() ? current >= target : update.at("finalize").get<bool>();
      now = 1000 + update.at("seconds").get<double>();
      out.str("");
      if (last)
        meter.finish(current, values);
      else
        meter.update(current, values);
      INFO(name << " at step " << current);
      CHECK(out.str() == update.at("output").get<std::string>());
      ++compared;
    }
  }
  CHECK(compared > 30);
}
