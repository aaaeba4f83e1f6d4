#include <graft/layers/activation.hpp>
#include <graft/layers/global_max_pooling2d.hpp>
#include <graft/layers/zero_padding2d.hpp>
#include <graft/models/sequential.hpp>
#include <graft/plan/executors.hpp>

#include "support/catch.hpp"

using namespace graft;

TEST_CASE("Ignored rows are counted over the whole batch, not over the chunks it is evaluated in",
          "[training][batch_runner]") {
  // 23.5 MB a sample behind the padding: a batch of 8 is computed in more than one piece.
  const Index side = 1 + 2 * 700;
  REQUIRE(8 * side * side * 3 * Index{sizeof(float)} > plan::chunk_bytes);
  Sequential<float> model({layers::InputLayer({1, 1, 3}), layers::ZeroPadding2D(700), layers::GlobalMaxPooling2D(),
                           layers::Activation("softmax")});
  model.compile({.loss = losses::SparseCategoricalCrossentropy({.ignore_class = -1})});
  Tensor<float> x({8, 1, 1, 3});
  for (Index i = 0; i < x.size(); ++i) x.data()[i] = static_cast<float>(1 + i % 5);
  const Tensor<float> y({8}, {0, -1, -1, -1, 1, 2, 0, 1}), w({8}, {1, 9, 9, 9, 2, 3, 4, 5});
  double sum = 0, weighted = 0;
  for (Index i = 0; i < 8; ++i) {
    if (y(i) < 0) continue;
    const float* row = x.data() + 3 * i;
    const double exps = std::exp(row[0]) + std::exp(row[1]) + std::exp(row[2]);
    const double loss = std::log(exps) - static_cast<double>(row[static_cast<int>(y(i))]);
    sum += loss;
    weighted += static_cast<double>(w(i)) * loss;
  }
  // A loss of about 2 is held in float: 6e-8 each.
  CHECK_THAT(model.evaluate(x, y, {.batch_size = 8, .verbose = 0})["loss"], WithinRel(sum / 5, 1e-6));
  CHECK_THAT(model.evaluate(x, y, {.batch_size = 8, .verbose = 0, .sample_weight = w})["loss"],
             WithinRel(weighted / 5, 1e-6));
  CHECK_THAT(model.test_on_batch(x, y)["loss"], WithinRel(sum / 5, 1e-6));
}

TEST_CASE("Crossentropies as metrics read what a softmax or sigmoid was made of, as in Keras", "[training][metrics]") {
  // Keras 3.15.1's numbers for these, from evaluate() with batches of 2: on probabilities no row could be above 16.2.
  const Tensor<float> x({3, 3}, {200, 0, -3, 1, 2, 3, 0, 90, -90}), hot({3, 3}, {0, 1, 0, 0, 0, 1, 0, 0, 1});
  const Tensor<float> labels({3}, {1, 2, 2});
  struct Case {
    const char *activation, *metric;
    const Tensor<float>& y;
    double keras;
  };
  for (const Case& c : {Case{"softmax", "categorical_crossentropy", hot, 126.80252838134766},
                        Case{"softmax", "sparse_categorical_crossentropy", labels, 126.80252838134766},
                        Case{"sigmoid", "binary_crossentropy", hot, 42.7692985534668}})
    for (const char* loss : {c.metric, "mse"}) {
      if (loss != c.metric && &c.y == &labels) continue;
      INFO(c.metric << " beside the loss " << loss);
      Sequential<float> model({layers::InputLayer({3}), layers::Activation(c.activation)});
      model.compile({.loss = loss, .metrics = {c.metric, "accuracy"}, .weighted_metrics = {Metric(c.metric)}});
      auto logs = model.evaluate(x, c.y, {.batch_size = 2, .verbose = 0});
      // Keras sums in float: three terms of 6e-8.
      CHECK_THAT(logs[c.metric], WithinRel(c.keras, 2e-7));
      CHECK_THAT(logs[std::string("weighted_") + c.metric], WithinRel(c.keras, 2e-7));
      CHECK_THAT(model.train_on_batch(x, c.y)[c.metric], WithinRel(c.keras, 2e-7));
    }
}
