#include <graft/data/to_categorical.hpp>

#include "support/catch.hpp"
#include "support/golden.hpp"

using namespace graft;

TEST_CASE("to_categorical gives Keras's matrices", "[data][to_categorical][golden]") {
  const GoldenFile golden("misc");
  for (const auto& one : golden.group("to_categorical")) {
    INFO(one.at("name").get<std::string>());
    const auto labels = golden.tensor<double>(one.at("input"));
    const Index classes = one.at("num_classes").is_null() ? None : one.at("num_classes").get<Index>();
    if (labels.array().minCoeff() < 0) {  // Keras counts from the end
      CHECK_THROWS_AS(utils::to_categorical(labels, classes), ArgumentError);
      continue;
    }
    const auto expected = golden.tensor<double>(one.at("output")), result = utils::to_categorical(labels, classes);
    CHECK(result.shape() == expected.shape());
    CHECK(std::equal(result.begin(), result.end(), expected.begin(), expected.end()));
  }
}

TEST_CASE("to_categorical takes a list of class numbers", "[data][to_categorical]") {
  const Tensor<float> one_hot = utils::to_categorical({2, 0});
  CHECK(one_hot.shape() == Shape{2, 3});
  CHECK(one_hot(0, 2) == 1);
  CHECK(one_hot(1, 0) == 1);
  CHECK(one_hot.array().sum() == 2);
}

TEST_CASE("to_categorical refuses what is no class number", "[data][to_categorical][errors]") {
  CHECK_THROWS_WITH(utils::to_categorical({0, 3}, 3),
                    "to_categorical: the labels must be whole numbers from 0 to 2, got 3 at position 1.");
  CHECK_THROWS_WITH(utils::to_categorical(Tensor<float>({2}, {0, 0.5F})), ContainsSubstring("got 0.5 at position 1"));
  CHECK_THROWS_WITH(utils::to_categorical({-1, 2}), ContainsSubstring("got -1 at position 0"));
  CHECK_THROWS_WITH(utils::to_categorical(std::vector<Index>{}), ContainsSubstring("no labels given"));
  CHECK_THROWS_WITH(utils::to_categorical({0}, 0), ContainsSubstring("num_classes must be at least 1, got 0."));
  CHECK(utils::to_categorical(std::vector<Index>{}, 4).shape() == Shape{0, 4});
}
