#include <graft/io/safetensors.hpp>
#include <graft/losses/loss.hpp>
#include <graft/saving/json_config.hpp>

#include "losses/evaluate.hpp"
#include "support/catch.hpp"
#include "support/numeric.hpp"

using namespace graft;

namespace {

Loss loss_of_case(const saving::Json& c) {
  Loss loss;
  const saving::Json fields{{"loss", {{"class_name", c["class_name"]}, {"config", c["config"]}}}};
  saving::JsonConfigReader reader(fields, c["name"]);
  reader("loss", loss);
  return c["from"] == "values" ? loss : loss.on_logits(c["from"].get<std::string>()).value();
}

template <class S>
void check_case(const saving::Json& c, const io::TensorFile& file, double tolerance) {
  const auto tensor = [&](const char* key) { return file.read<double>(c[key].get<std::string>()).template cast<S>(); };
  const Loss loss = loss_of_case(c);
  const auto t = tensor("y_true"), p = tensor("y_pred");
  const auto weights = c["sample_weight"].is_null() ? Tensor<S>() : tensor("sample_weight");
  AnyConstView weight_view = weights.empty() ? AnyConstView() : AnyConstView(weights.view());

  const auto values = losses_of(loss, t, p);
  const auto expected = tensor("per_sample").template cast<double>();
  REQUIRE(values.size() == expected.size());
  CHECK(relative_error(values.template cast<double>().reshape(expected.shape()), expected) < tolerance);

  Tensor<double> masked;
  if (const auto ignored = loss->ignored_label()) {
    masked = losses::masked_weights(weight_view, t.view(), *ignored, values.shape(), loss->reduction());
    weight_view = masked.view();
  }
  if (loss->reduction() != losses::Reduction::none) {
    const double value = losses::reduce(values.view(), weight_view, loss->reduction());
    CHECK_THAT(value, WithinRel(c["value"][0].get<double>(), tolerance) || WithinAbs(0, tolerance));
  }
  Tensor<S> dvalues(values.shape());
  losses::reduce_gradient(weight_view, loss->reduction(), dvalues.view());
  const auto gradient = gradient_of(loss, t, p, dvalues).template cast<double>();
  const auto expected_gradient = tensor("gradient").template cast<double>();
  const bool zero = expected_gradient.array().isZero(0);
  CHECK((zero ? gradient.array().abs().maxCoeff() : relative_error(gradient, expected_gradient)) < tolerance);
}

}  // namespace

TEST_CASE("Losses equal Keras's: values, reductions, weights, gradients", "[losses][golden]") {
  const io::TensorFile file(GRAFT_TEST_DATA "/golden/losses.safetensors");
  const auto cases = saving::Json::parse(file.metadata().at("cases"));
  REQUIRE(cases.size() > 100);
  for (const saving::Json& c : cases) {
    INFO(c["name"].get<std::string>());
    // Keras computes in float64 too, but sums and divides in another order: some 100 roundings of 1e-16, and more where
    // the difference of near numbers is taken, which no case does.
    // Keras's LogCosh takes ln 2 in float32, 1.9e-9 off.
    check_case<double>(c, file, c["class_name"] == "LogCosh" ? 5e-9 : 1e-13);
  }
}

TEST_CASE("A string and the shapes become Keras's loss", "[losses][golden]") {
  const io::TensorFile file(GRAFT_TEST_DATA "/golden/metrics.safetensors");
  Index compared = 0;
  for (const saving::Json& c : saving::Json::parse(file.metadata().at("strings"))) {
    if (c["kind"] != "loss") continue;
    const std::string name = c["string"];
    const auto shape = [&](const char* key) { return Shape(std::span<const Index>(c[key].get<std::vector<Index>>())); };
    const auto resolved = [&] { return Loss(name).resolve(shape("y_true_shape"), shape("y_pred_shape")); };
    INFO(name << shape("y_true_shape") << shape("y_pred_shape"));
    ++compared;
    if (c["resolves_to"].is_null())
      CHECK_THROWS_AS(resolved(), ArgumentError);
    else
      CHECK(resolved().name() == c["resolves_to"]);
  }
  CHECK(compared > 30);
}
