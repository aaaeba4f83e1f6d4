#include <graft/data/dataset.hpp>

#include "support/catch.hpp"

using namespace graft;

namespace {

using Pair = std::optional<std::pair<Tensor<float>, Tensor<float>>>;

/// Yields n batches of two samples; the first element counts the batches.
struct Counter {
  int n, at = 0;
  Pair operator()() {
    if (at == n) return {};
    Tensor<float> x(Shape{2, 3}), y(Shape{2});
    x(0, 0) = static_cast<float>(at++);
    return std::pair(std::move(x), std::move(y));
  }
};
std::vector<float> pass(const Dataset<float>& dataset, Index most = 100) {
  std::vector<float> firsts;
  auto reader = dataset.read({}, 1);
  for (Batch<float> batch; most-- > 0 && reader.next(batch);) firsts.push_back(batch.x[0](0, 0));
  return firsts;
}
using Floats = std::vector<float>;

}  // namespace

TEST_CASE("a generator is a stream of unknown length that never counts as repeating", "[data][stream]") {
  const auto dataset = Dataset<float>::from_generator(Counter{3});
  CHECK_FALSE(dataset.empty());
  CHECK_FALSE(dataset.random_access());
  CHECK(dataset.size() == None);
  CHECK_FALSE(dataset.fingerprint());
  CHECK(dataset.input_shapes() == std::vector<Shape>{{None, 3}});
  CHECK(dataset.target_shapes() == std::vector<Shape>{{None}});
  CHECK(pass(dataset) == Floats{0, 1, 2});  // asking for the shapes has lost nothing
}

TEST_CASE("an exhausted generator stays exhausted, and is not asked again", "[data][stream]") {
  int calls = 0;
  const auto dataset = Dataset<float>::from_generator([&]() -> std::optional<Batch<float>> {
    if (++calls == 2) return {};
    Batch<float> batch;
    batch.x.emplace_back(Shape{1, 1});
    return batch;
  });
  CHECK(pass(dataset).size() == 1);
  CHECK(pass(dataset).empty());
  CHECK(calls == 2);
}

TEST_CASE("passes over a generator go on where the last one stopped", "[data][stream]") {
  const auto dataset = Dataset<float>::from_generator(Counter{5});
  CHECK(pass(dataset, 2) == Floats{0, 1});
  const auto copy = dataset;
  CHECK(pass(copy, 2) == Floats{2, 3});
  CHECK(pass(dataset) == Floats{4});
}

TEST_CASE("a function that makes generators starts every pass afresh", "[data][stream]") {
  int made = 0;
  const auto dataset = Dataset<float>::from_generator([&made] {
    ++made;
    return Counter{3};
  });
  CHECK(pass(dataset) == Floats{0, 1, 2});
  CHECK(pass(dataset, 1) == Floats{0});
  CHECK(pass(dataset) == Floats{0, 1, 2});
  CHECK(made == 3);
  CHECK(dataset.input_shapes() == std::vector<Shape>{{None, 3}});
}

TEST_CASE("map, take and skip work on streams", "[data][stream]") {
  const auto add = [](Tensor<float> x) {
    x.array() += 10;
    return x;
  };
  const auto afresh = [] { return Counter{5}; };
  CHECK(pass(Dataset<float>::from_generator(Counter{3}).map(add)) == Floats{10, 11, 12});
  const auto middle = Dataset<float>::from_generator(afresh).skip(1).take(2).map(add);
  CHECK(pass(middle) == Floats{11, 12});
  CHECK(pass(middle) == Floats{11, 12});
  CHECK(pass(Dataset<float>::from_generator(Counter{5}).take(2)) == Floats{0, 1});
  CHECK(pass(Dataset<float>::from_generator(Counter{5}).skip(9)).empty());
  CHECK(pass(Dataset<float>::from_generator(Counter{2}).take(None)) == Floats{0, 1});
}

TEST_CASE("what needs samples in any order is refused on a stream", "[data][stream][errors]") {
  const auto dataset = Dataset<float>::from_generator(Counter{3});
  const std::string reason =
      "comes from a generator, which gives whole batches once. Collect them with Dataset::from_tensors().";
  CHECK_THROWS_AS(dataset.batch(2), StateError);
  CHECK_THROWS_WITH(dataset.batch(2), StartsWith("Dataset::batch() needs") && EndsWith(reason));
  CHECK_THROWS_WITH(dataset.shuffle(), StartsWith("Dataset::shuffle() needs") && EndsWith(reason));
  CHECK_THROWS_WITH(dataset.cache(), StartsWith("Dataset::cache() needs") && EndsWith(reason));
  CHECK_THROWS_WITH(dataset.order(0), StartsWith("Dataset::order() needs") && EndsWith(reason));
  CHECK_THROWS_WITH(Dataset<float>::from_generator(Counter{0}).input_shapes(),
                    ContainsSubstring("the generator has no batch"));
}

TEST_CASE("an error in a generator reaches the reader", "[data][stream][errors]") {
  const auto dataset = Dataset<float>::from_generator([]() -> Pair { throw std::runtime_error("no more disk"); });
  auto reader = dataset.read({}, 1);
  Batch<float> batch;
  CHECK_THROWS_WITH(reader.next(batch), "no more disk");
}
