#include <graft/io/safetensors.hpp>
#include <graft/metrics/metric.hpp>
#include <graft/saving/json_config.hpp>

#include "support/catch.hpp"

using namespace graft;

namespace {

Metric metric_of_case(const saving::Json& c) {
  Metric metric = "mse";
  const saving::Json fields{{"metric", {{"class_name", c["class_name"]}, {"config", c["config"]}}}};
  saving::JsonConfigReader reader(fields, c["name"]);
  reader("metric", metric);
  return c["from"] == "values" ? metric : *metric.on_logits(c["from"].get<std::string>());
}

template <class S>
void check_case(const saving::Json& c, const io::TensorFile& file) {
  const auto metric = metric_of_case(c);
  std::unique_ptr<metrics::MetricState> state;
  for (const saving::Json& update : c["updates"]) {
    const auto tensor = [&](const char* key) { return file.read<S>(update[key].get<std::string>()); };
    const Tensor<S> t = tensor("y_true"), p = tensor("y_pred");
    if (!state) state = metric.create(t.shape(), p.shape());
    const Tensor<S> w = update["sample_weight"].is_null() ? Tensor<S>() : tensor("sample_weight");
    state->update(t.view(), p.view(), w.empty() ? View<const S>{} : w.view());
    const double expected = update["result"];
    // In float64 some ten numbers are summed: 1e-14. In float32 Keras sums in float32: ten roundings of 6e-8.
    CHECK_THAT(state->result(), WithinRel(expected, sizeof(S) == 8 ? 1e-14 : 6e-7) || WithinAbs(expected, 1e-15));
  }
}

}  // namespace

TEST_CASE("Metrics equal Keras's after every batch", "[metrics][golden]") {
  const io::TensorFile file(GRAFT_TEST_DATA "/golden/metrics.safetensors");
  const auto cases = saving::Json::parse(file.metadata().at("cases"));
  REQUIRE(cases.size() > 70);
  for (const saving::Json& c : cases) {
    INFO(c["name"].get<std::string>());
    c["dtype"] == "float64" ? check_case<double>(c, file) : check_case<float>(c, file);
  }
}

TEST_CASE("A string and the shapes become Keras's metric, under the string as key", "[metrics][golden]") {
  const io::TensorFile file(GRAFT_TEST_DATA "/golden/metrics.safetensors");
  Index compared = 0;
  for (const saving::Json& c : saving::Json::parse(file.metadata().at("strings"))) {
    if (c["kind"] != "metric") continue;
    const std::string name = c["string"];
    const auto shape = [&](const char* key) { return Shape(std::span<const Index>(c[key].get<std::vector<Index>>())); };
    const auto resolved = [&] { return Metric(name).resolve(shape("y_true_shape"), shape("y_pred_shape")); };
    INFO(name << shape("y_true_shape") << shape("y_pred_shape"));
    ++compared;
    if (c["resolves_to"].is_null()) {
      CHECK_THROWS_AS(resolved(), ArgumentError);
      continue;
    }
    CHECK(resolved().name() == c["log_key"]);
    CHECK(resolved().class_name() == Metric(c["resolves_to"].get<std::string>()).class_name());
  }
  CHECK(compared > 30);
}
