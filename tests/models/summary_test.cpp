#include <stdlib.h>
#include <graft/models/load_model.hpp>

#include <fstream>

#include "support/catch.hpp"
#include "support/keras_model.hpp"

using namespace graft;

namespace {

/// Sets COLUMNS for a scope.
class Columns {
 public:
  explicit Columns(Index n) : had_(getenv("COLUMNS") != nullptr), before_(had_ ? getenv("COLUMNS") : "") {
    setenv("COLUMNS", std::to_string(n).c_str(), 1);
  }
  ~Columns() { had_ ? setenv("COLUMNS", before_.c_str(), 1) : unsetenv("COLUMNS"); }
  Columns(const Columns&) = delete;
  Columns& operator=(const Columns&) = delete;

 private:
  bool had_;
  std::string before_;
};

template <class S>
std::string summary_of(const Model<S>& model, SummaryOptions options = {}) {
  std::string text;
  options.print_fn = [&](const std::string& printed) { text += printed; };
  model.summary(options);
  return text;
}

/// What the initializers fill in does not matter here, and 138 million zeros are there at once.
void start_from_zeros(saving::Json& json) {
  if (json.is_object() && json.contains("kernel_initializer")) json["kernel_initializer"] = "zeros";
  if (json.is_structured())
    for (auto& inner : json) start_from_zeros(inner);
}

}  // namespace

TEST_CASE("summary prints what Keras prints, to the byte", "[models][summary][golden]") {
  std::ifstream file(std::string(GRAFT_TEST_DATA) + "/golden/summaries.json");
  auto golden = saving::Json::parse(file);
  REQUIRE(golden["cases"].size() == 23);
  for (auto& one : golden["cases"]) {
    CAPTURE(one["name"].get<std::string>());
    start_from_zeros(one["config"]);
    const auto model = keras_model<float>(one["config"]);
    set_trainable(*model, one["trainable"]);
    if (one["optimizer"].is_string()) {
      model->compile({.optimizer = one["optimizer"].get<std::string>(), .loss = "mse"});
      model->optimizer().set_iterations(1);  // Keras counts the optimizer once it has made its slots: at the first step
    }
    const Columns columns(one["columns"].get<Index>());
    const SummaryOptions options{.show_trainable = one["options"]["show_trainable"].get<bool>(),
                                 .expand_nested = one["options"]["expand_nested"].get<bool>()};
    CHECK(summary_of(*model, options) == one["text"].get<std::string>());
  }
}

TEST_CASE("summary follows line_length, and refuses one without room", "[models][summary]") {
  const Columns columns(80);
  Sequential model({Input({4}), layers::Dense(3, {.name = "dense"})}, {.name = "m"});
  const std::string text = summary_of<float>(model, {.line_length = 50});
  const std::string border = text.substr(text.find("┏"), text.find("┓") + 3 - text.find("┏"));
  CHECK(text_table::length(border) == 50);
  CHECK_THROWS_AS(summary_of<float>(model, {.line_length = 12}), ArgumentError);
}

TEST_CASE("summary counts 8 bytes for a double and shows no optimizer before its first step", "[models][summary]") {
  Sequential<double> model({Input<double>({4}), layers::Dense<double>(3, {.name = "dense"})}, {.name = "m"});
  model.compile({.optimizer = "adam", .loss = "mse"});
  const std::string before = summary_of<double>(model);
  CHECK_THAT(before, ContainsSubstring(" Total params: 15 (120.00 B)"));
  CHECK_THAT(before, !ContainsSubstring("Optimizer"));
  model.train_on_batch(Tensor<double>({2, 4}), Tensor<double>({2, 3}));
  CHECK_THAT(summary_of<double>(model),
             ContainsSubstring(" Optimizer params: 32 (252.00 B)"));  // 30 slots; 4 and 8 bytes
  const optimizers::schedules::CosineDecay falling({.initial_learning_rate = 0.1, .decay_steps = 10});
  model.compile({.optimizer = optimizers::Adam({.learning_rate = falling}), .loss = "mse"});
  model.train_on_batch(Tensor<double>({2, 4}), Tensor<double>({2, 3}));
  CHECK_THAT(summary_of<double>(model),
             ContainsSubstring(" Optimizer params: 31 (248.00 B)"));  // a schedule is no variable
}

TEST_CASE("a cell is wrapped between words, and a word that is too long ends in an ellipsis", "[models][summary]") {
  using text_table::wrap;
  CHECK(wrap("conv (Conv2D)", 20) == std::vector<std::string>{"conv (Conv2D)"});
  CHECK(wrap("conv (Conv2D)", 10) == std::vector<std::string>{"conv", "(Conv2D)"});
  CHECK(wrap("a_long_name (Conv2D)", 8) == std::vector<std::string>{"a_long_…", "(Conv2D)"});
  CHECK(wrap("   └ inner", 10) == std::vector<std::string>{"   └ inner"});  // three bytes, one cell
  CHECK(wrap("", 5) == std::vector<std::string>{""});
}
