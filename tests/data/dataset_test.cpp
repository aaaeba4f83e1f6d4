#include <graft/data/dataset.hpp>

#include "support/catch.hpp"

using namespace graft;

namespace {

/// x (n, 2) with rows (i, 10 i), y (n) with i.
Dataset<float> numbers(Index n) {
  Tensor<float> x(Shape{n, 2}), y(Shape{n});
  for (Index i = 0; i < n; ++i) {
    x(i, 0) = y(i) = static_cast<float>(i);
    x(i, 1) = static_cast<float>(10 * i);
  }
  return Dataset<float>::from_tensors(std::move(x), std::move(y));
}
Tensor<float> doubled(Tensor<float> x) {
  x.array() *= 2;
  return x;
}
struct Scale {
  float by = 1;
  std::string_view name() const { return "scale"; }
  std::uint64_t fingerprint() const { return hash_number(static_cast<double>(by)); }
  Tensor<float> operator()(Tensor<float> x) const {
    x.array() *= by;
    return x;
  }
};
std::vector<Batch<float>> batches(const Dataset<float>& dataset, Index epoch = 0, ReadOptions options = {}) {
  std::vector<Batch<float>> all;
  auto reader = dataset.read(dataset.order(epoch), dataset.batch_size(), options);
  for (Batch<float> batch; reader.next(batch);) all.push_back(batch);
  return all;
}
std::vector<float> labels(const Dataset<float>& dataset, Index epoch = 0) {
  std::vector<float> all;
  for (const auto& batch : batches(dataset, epoch)) all.insert(all.end(), batch.y[0].begin(), batch.y[0].end());
  return all;
}
using Floats = std::vector<float>;

}  // namespace

TEST_CASE("an empty dataset stands for none", "[data][dataset]") {
  const Dataset<float> none;
  CHECK(none.empty());
  CHECK_FALSE(none.random_access());
  CHECK(none.size() == 0);
  CHECK(none.input_shapes().empty());
  CHECK(none.class_names().empty());
  CHECK_FALSE(none.fingerprint());
  CHECK_THROWS_WITH(none.order(0), "Dataset::order() called on an empty dataset.");
}

TEST_CASE("tensors are read in batches, the last one smaller", "[data][dataset]") {
  const Dataset<float> dataset = numbers(5).batch(2);
  CHECK(dataset.size() == 5);
  CHECK(dataset.random_access());
  CHECK(dataset.batch_size() == 2);
  CHECK(numbers(5).batch_size() == None);
  CHECK(dataset.input_shapes() == std::vector<Shape>{{None, 2}});
  CHECK(dataset.target_shapes() == std::vector<Shape>{{None}});
  const auto all = batches(dataset);
  REQUIRE(all.size() == 3);
  CHECK(all[0].size() == 2);
  CHECK(all[2].x[0].shape() == Shape{1, 2});
  CHECK(all[2].x[0](0, 1) == 40);
  CHECK(all[1].ids == std::vector<Index>{2, 3});
  CHECK_FALSE(all[0].sample_weight);
}

TEST_CASE("several inputs, outputs and sample weights go together", "[data][dataset]") {
  const Tensor<float> a({2, 1}, {1, 2}), b({2, 2, 1}, {1, 2, 3, 4}), y({2}, {5, 6}), z({2, 1}, {7, 8}),
      w({2}, {0.5F, 2});
  const auto dataset = Dataset<float>::from_tensors({a, b}, {y, z}, w).batch(1);
  CHECK(dataset.input_shapes() == std::vector<Shape>{{None, 1}, {None, 2, 1}});
  CHECK(dataset.target_shapes() == std::vector<Shape>{{None}, {None, 1}});
  const Batch<float> second = batches(dataset)[1];
  CHECK(second.x[1](0, 1, 0) == 4);
  CHECK(second.y[1](0, 0) == 8);
  CHECK((*second.sample_weight)(0) == 2);
}

TEST_CASE("views are read where they lie", "[data][dataset]") {
  Tensor<float> x({2, 1}, {1, 2});
  const auto dataset = Dataset<float>::from_views({x.view()}).batch(2);
  x(1, 0) = 9;
  CHECK(batches(dataset)[0].x[0](1, 0) == 9);
  CHECK(dataset.target_shapes().empty());
}

TEST_CASE("shuffling gives each epoch its own permutation of the same samples", "[data][dataset]") {
  const Dataset<float> dataset = numbers(50).batch(8).shuffle(3);
  CHECK(dataset.shuffled());
  auto first = labels(dataset, 0), second = labels(dataset, 1);
  CHECK(first != second);
  CHECK(first == labels(numbers(50).batch(8).shuffle(3), 0));
  CHECK(first != labels(numbers(50).batch(8).shuffle(4), 0));
  for (const auto& batch : batches(dataset, 1))
    for (Index i = 0; i < batch.size(); ++i) CHECK(batch.y[0](i) == static_cast<float>(batch.ids[to_size(i)]));
  std::ranges::sort(first);
  CHECK(first == labels(numbers(50).batch(50)));
}

TEST_CASE("a shuffle without a seed follows the global seed", "[data][dataset]") {
  utils::set_random_seed(5);
  const auto first = numbers(20).shuffle().order(0), other = numbers(20).shuffle().order(0);
  utils::set_random_seed(5);
  CHECK(numbers(20).shuffle().order(0) == first);
  CHECK(first != other);
}

TEST_CASE("targets come without the inputs", "[data][dataset]") {
  Batch<float> batch;
  batch.x.resize(3);
  numbers(5).targets(std::vector<Index>{4, 1}, batch);
  CHECK(batch.x.empty());
  CHECK(batch.y[0](0) == 4);
  CHECK(batch.ids == std::vector<Index>{4, 1});
  const auto all = batches(numbers(5).batch(2), 0, {.with_inputs = false});
  CHECK(all.size() == 3);
  CHECK(all[1].x.empty());
  CHECK(all[1].y[0](1) == 3);
  CHECK(all[1].size() == 2);
}

TEST_CASE("map changes inputs, or inputs and labels, or the batch", "[data][dataset][map]") {
  const MapOptions options{.deterministic = GENERATE(false, true)};
  CHECK(batches(numbers(4).batch(4).map(doubled, options))[0].x[0](3, 1) == 60);
  const auto swapped = numbers(4).batch(4).map(
      [](Tensor<float> x, Tensor<float> y) {
        y.array() += 1;
        return std::pair(std::move(x), std::move(y));
      },
      options);
  CHECK(labels(swapped) == Floats{1, 2, 3, 4});
  const auto weighted = numbers(4).batch(4).map(
      [](Batch<float>& batch) {
        batch.sample_weight = Tensor<float>(Shape{batch.size()});
        batch.sample_weight->array() = 3;
      },
      options);
  CHECK((*batches(weighted)[0].sample_weight)(2) == 3);
  Batch<float> batch;
  swapped.targets(std::vector<Index>{2}, batch);
  CHECK(batch.y[0](0) == 3);
  CHECK(batch.x.empty());
}

TEST_CASE("shapes after map are those of the mapped samples", "[data][dataset][map]") {
  const auto flat = numbers(4).map([](const Tensor<float>& x) { return x.reshape({None, 2, 1}); });
  CHECK(flat.input_shapes() == std::vector<Shape>{{None, 2, 1}});
  CHECK(flat.target_shapes() == std::vector<Shape>{{None}});
}

TEST_CASE("a function that is not deterministic is called by the consumer alone, in order", "[data][dataset][map]") {
  const auto consumer = std::this_thread::get_id();
  int calls = 0;
  bool elsewhere = false;
  const auto counted = numbers(6).batch(2).map([&](Tensor<float> x) mutable {
    elsewhere = elsewhere || std::this_thread::get_id() != consumer;
    x.array() = static_cast<float>(calls++);
    return x;
  });
  const auto all = batches(counted.map(doubled, {.deterministic = true}));
  CHECK(all[0].x[0](0, 0) == 0);
  CHECK(all[1].x[0](0, 0) == 2);
  CHECK(all[2].x[0](1, 1) == 4);
  CHECK_FALSE(elsewhere);
}

TEST_CASE("fingerprints tell which samples repeat", "[data][dataset][fingerprint]") {
  const auto of = [](const Dataset<float>& dataset) { return dataset.fingerprint(); };
  CHECK(of(numbers(4)).has_value());
  CHECK(of(numbers(4)) == of(numbers(4)));
  CHECK(of(numbers(4)) != of(numbers(5)));
  CHECK(of(numbers(4)) == of(numbers(4).batch(2).shuffle(1)));
  CHECK(of(numbers(4)) == of(numbers(4).cache()));
  CHECK_FALSE(of(numbers(4).map(doubled)));
  CHECK_FALSE(of(numbers(4).map(doubled).map(Scale{2})));
  CHECK(of(numbers(4).map(doubled, {.deterministic = true})).has_value());
  CHECK(of(numbers(4).map(doubled, {.deterministic = true})) != of(numbers(4)));
  CHECK(of(numbers(4).map(doubled, {.deterministic = true})) != of(numbers(4).map(doubled, {.deterministic = true})));
  CHECK(of(numbers(4).map(Scale{2})) == of(numbers(4).map(Scale{2})));
  CHECK(of(numbers(4).map(Scale{2})) != of(numbers(4).map(Scale{3})));
  CHECK(of(numbers(4).map(Scale{2}).map(Scale{3})) != of(numbers(4).map(Scale{3}).map(Scale{2})));
  CHECK(of(numbers(4).take(2)) != of(numbers(4)));
  CHECK(of(numbers(4).take(2)) != of(numbers(4).skip(2)));
  const Tensor<float> x({1, 2}, {1, 2}), turned({2, 1}, {1, 2});
  CHECK(of(Dataset<float>::from_tensors(x)) != of(Dataset<float>::from_tensors(turned)));
}

TEST_CASE("named transforms are listed in order", "[data][dataset][map]") {
  CHECK(numbers(4).transforms().empty());
  CHECK(numbers(4).map(Scale{2}).map(doubled).map(Scale{3}).take(2).batch(1).transforms() ==
        std::vector<std::string>{"scale", "scale"});
}

TEST_CASE("cache reads every sample once", "[data][dataset][cache]") {
  std::atomic<int> rows{0};
  const auto cached = numbers(6)
                          .map(
                              [&rows](Tensor<float> x) {
                                rows += static_cast<int>(x.shape().front());
                                return x;
                              },
                              {.deterministic = true})
                          .cache()
                          .batch(4)
                          .shuffle(1);
  const auto first = batches(cached, 0);
  CHECK(rows <= 6 + 1);  // the first sample was also read for its shape
  const int seen = rows;
  const auto second = batches(cached, 1);
  CHECK(rows == seen);
  CHECK(second[0].x[0](0, 1) == 10 * second[0].y[0](0));
  CHECK(second[1].x[0].shape() == Shape{2, 2});
}

TEST_CASE("cache keeps sample weights", "[data][dataset][cache]") {
  const Tensor<float> x({2, 1}, {1, 2}), y({2}, {3, 4}), w({2}, {5, 6});
  const auto all = batches(Dataset<float>::from_tensors(x, y, w).cache().batch(2));
  CHECK((*all[0].sample_weight)(1) == 6);
}

TEST_CASE("cache refuses samples whose shapes differ", "[data][dataset][cache][errors]") {
  const auto ragged = numbers(3).map(
      [](const Tensor<float>& x) {
        return Tensor<float>(Shape{x.shape().front(), 1 + static_cast<Index>(x(0, 0))});
      },
      {.deterministic = true});
  CHECK_THROWS_WITH(batches(ragged.cache().batch(3)),
                    ContainsSubstring("a sample has the shape (2,), the first one (1,)."));
}

TEST_CASE("take and skip count batches once there are batches", "[data][dataset]") {
  CHECK(labels(numbers(5).take(3).batch(2)) == Floats{0, 1, 2});
  CHECK(labels(numbers(5).skip(3).batch(2)) == Floats{3, 4});
  CHECK(labels(numbers(5).batch(2).take(1)) == Floats{0, 1});
  CHECK(labels(numbers(5).batch(2).skip(1)) == Floats{2, 3, 4});
  CHECK(labels(numbers(5).batch(2).take(9)) == labels(numbers(5).batch(2)));
  CHECK(labels(numbers(5).batch(2).take(None)) == labels(numbers(5).batch(2)));
  CHECK(labels(numbers(5).batch(2).skip(9)).empty());
  CHECK(numbers(5).batch(2).skip(9).size() == 0);
  const auto part = numbers(5).skip(2).batch(3);
  CHECK(part.order(0) == std::vector<Index>{0, 1, 2});
  CHECK(batches(part)[0].ids == std::vector<Index>{0, 1, 2});
  Batch<float> batch;
  part.targets(std::vector<Index>{1}, batch);
  CHECK(batch.y[0](0) == 3);
  CHECK(batch.ids == std::vector<Index>{1});
}

TEST_CASE("take and skip of a shuffled dataset share no sample", "[data][dataset]") {
  const auto dataset = numbers(20).batch(4).shuffle(9);
  Floats all = labels(dataset.take(2), 3), rest = labels(dataset.skip(2), 3);
  CHECK(all.size() == 8);
  CHECK(rest.size() == 12);
  all.insert(all.end(), rest.begin(), rest.end());
  std::ranges::sort(all);
  CHECK(all == labels(numbers(20).batch(20)));
}

TEST_CASE("tensors of different lengths are refused", "[data][dataset][errors]") {
  const Tensor<float> x(Shape{3, 1}), y(Shape{2}), w(Shape{4});
  CHECK_THROWS_AS(Dataset<float>::from_tensors(x, y), ShapeError);
  CHECK_THROWS_WITH(Dataset<float>::from_tensors(x, y),
                    "Data cardinality is ambiguous. Make sure all arrays contain the same number of samples. 'x' "
                    "sizes: 3; 'y' sizes: 2.");
  CHECK_THROWS_WITH(Dataset<float>::from_tensors({x}, {}, w),
                    EndsWith("'x' sizes: 3; 'y' sizes: none; 'sample_weight' sizes: 4."));
  CHECK_THROWS_WITH(Dataset<float>::from_tensors(Tensor<float>(Shape{})),
                    ContainsSubstring("Give every tensor a batch axis."));
  CHECK_THROWS_WITH(Dataset<float>::from_tensors(std::vector<Tensor<float>>{}),
                    "Dataset: at least one input tensor is needed.");
}

TEST_CASE("arguments out of range are refused", "[data][dataset][errors]") {
  CHECK_THROWS_WITH(numbers(3).batch(0), "Dataset: batch must be at least 1, got 0.");
  CHECK_THROWS_WITH(numbers(3).take(-2), "Dataset: take must be at least 0, got -2.");
  CHECK_THROWS_WITH(numbers(3).skip(-1), "Dataset: skip must be at least 0, got -1.");
  CHECK_THROWS_WITH(numbers(3).read({0}, 0), "Dataset: batch_size must be at least 1, got 0.");
  CHECK_THROWS_WITH(numbers(3).read({0, 3}, 1), "Dataset: there is no sample 3 among 3.");
  CHECK_THROWS_AS(numbers(3).map(doubled).cache(), StateError);
  CHECK_THROWS_WITH(numbers(3).map(doubled).cache(), ContainsSubstring("Call cache() before that map()"));
}

TEST_CASE("a map function that breaks the batch is named", "[data][dataset][map][errors]") {
  const auto cut = numbers(4).batch(4).map([](const Tensor<float>& x) { return x.slice(0, 1); });
  CHECK_THROWS_WITH(batches(cut),
                    "Dataset::map: the function made (1, 2) of a batch of 4 samples. It must keep the batch axis.");
  const Tensor<float> x(Shape{2, 1});
  const auto two = Dataset<float>::from_tensors({x, x}).batch(2).map(doubled);
  CHECK_THROWS_WITH(batches(two),
                    ContainsSubstring("takes one input tensor, but a batch has 2. Take a Batch& instead."));
}
