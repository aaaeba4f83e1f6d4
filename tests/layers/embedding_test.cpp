#include <graft/layers/embedding.hpp>
#include <graft/layers/flatten.hpp>
#include <graft/models/sequential.hpp>
#include <graft/testing/layer_battery.hpp>

#include "support/catch.hpp"
#include "support/numeric.hpp"

using namespace graft;

namespace {

const std::vector<std::string> no_faults;

}  // namespace

TEST_CASE("Embedding passes the battery", "[layers]") {
  // Between whole numbers, where a small step changes nothing.
  const Tensor<double> x({3, 2}, {0.5, 4.5, 2.5, 2.5, 4.5, 1.5});
  const layers::Embedding<double> layer(5, 3, {.embeddings_regularizer = "l2", .activity_regularizer = "l1"});
  layer.ensure_built(std::vector<Shape>{x.shape()});
  CHECK(testing::layer_battery(layer, {x}, {.output = {3, 2, 3}, .trainable_weights = 1, .params = 15}) == no_faults);
}

TEST_CASE("Embedding starts from uniform numbers, or from weights", "[layers]") {
  utils::clear_session();
  const layers::Embedding layer(50, 4);
  CHECK(layer.name() == "embedding");
  CHECK(layer.embeddings().name() == "embeddings");
  CHECK(layer(Tensor<float>({2})).shape() == Shape{2, 4});
  CHECK(layer.embeddings().value().array().abs().maxCoeff() <= 0.05F);
  CHECK(layer.embeddings().value().array().abs().maxCoeff() > 0.04F);  // of 200 numbers

  const Tensor<float> table({2, 3}, {1, 2, 3, 4, 5, 6});
  const layers::Embedding<double> given(2, 3, {.weights = table});
  CHECK(same_bits(given(Tensor<double>({1, 2}, {1, 0})), Tensor<double>({1, 2, 3}, {4, 5, 6, 1, 2, 3})));
}

TEST_CASE("Embedding's frozen rows stay, and those that learn move alone", "[layers]") {
  const auto step = [](bool trainable) {
    const layers::Embedding<double> layer(4, 2, {.embeddings_initializer = "ones"});
    Sequential<double> model({Input<double>({1}), layer, layers::Flatten<double>()});
    layer.trainable = trainable;
    model.compile({.optimizer = optimizers::SGD({.learning_rate = 0.5}), .loss = "mse"});
    model.train_on_batch(Tensor<double>({2, 1}, {1, 3}), Tensor<double>({2, 2}, {3, 1, 1, 5}));
    return layer.embeddings().value();
  };
  // The mean over 4 outputs: the gradient of an entry is 2 (1 - target) / 4.
  CHECK(same_bits(step(true), Tensor<double>({4, 2}, {1, 1, 1.5, 1, 1, 1, 1, 2})));
  CHECK(same_bits(step(false), Tensor<double>({4, 2}, {1, 1, 1, 1, 1, 1, 1, 1})));
}

TEST_CASE("Embedding refuses options and indices outside their rules", "[layers]") {
  using layers::Embedding;
  CHECK_THROWS_MATCHES(Embedding(0, 4, {.name = "e"}), ArgumentError,
                       Message("Embedding 'e': input_dim and output_dim must be at least 1, got 0 and 4."));
  CHECK_THROWS_MATCHES(Embedding(4, -1, {.name = "e"}), ArgumentError,
                       Message("Embedding 'e': input_dim and output_dim must be at least 1, got 4 and -1."));
  CHECK_THROWS_MATCHES(Embedding(4, 2, {.mask_zero = true, .name = "e"}), ArgumentError,
                       Message("Embedding 'e': mask_zero = true is not computed by graft, which has no masks."));
  CHECK_THROWS_MATCHES(Embedding(4, 2, {.weights = Tensor<float>({2, 4}), .name = "e"}), ArgumentError,
                       Message("Embedding 'e': weights must have the shape (4, 2), got (2, 4)."));
  const Embedding layer(4, 2, {.name = "e"});
  CHECK_THROWS_MATCHES(layer(Tensor<float>({1, 2}, {3, 4})), ArgumentError,
                       Message("Embedding 'e': its input must hold indices 0 .. 3, got 4."));
  CHECK_THROWS_AS(layer.compute_output_shape({1, 1, 1, 1, 1, 1, 1, 1}), ShapeError);
}
