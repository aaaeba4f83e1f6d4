#include <graft/graft.hpp>

#include "support/catch.hpp"
#include "support/numeric.hpp"

using namespace graft;

TEST_CASE("the course's program runs line by line", "[end_to_end]") {
  const Index num_classes = 3;
  Tensor<float> labels({6, num_classes});
  for (Index i = 0; i < 6; ++i) labels(i, i % num_classes) = 1;
  // Images of 32 x 32, the smallest that VGG16 takes.
  const auto train = Dataset<>::from_tensors(random_tensor<float>({6, 32, 32, 3}, 1, -120, 150), labels).batch(4);
  const auto val = Dataset<>::from_tensors(random_tensor<float>({6, 32, 32, 3}, 2, -120, 150), labels).batch(4);
  std::ostringstream printed;
  std::streambuf* const terminal = std::cout.rdbuf(printed.rdbuf());
  utils::set_random_seed(1);

  auto base_model = applications::VGG16({.weights = "imagenet", .include_top = false});

  auto x = base_model.output();
  x = layers::GlobalAveragePooling2D()(x);
  x = layers::Dense(1024, {.activation = "relu"})(x);
  auto predictions = layers::Dense(num_classes, {.activation = "softmax"})(x);
  Model model(base_model.input(), predictions);

  for (auto& layer : base_model.layers()) layer.trainable = false;
  model.compile({.optimizer = "rmsprop", .loss = "categorical_crossentropy", .metrics = {"accuracy"}});
  const auto frozen = base_model.get_weights();
  auto history = model.fit(train, {.epochs = 10, .validation_data = val});
  const auto after_head = base_model.get_weights();

  for (auto& layer : base_model.layers(0, 15)) layer.trainable = false;
  for (auto& layer : base_model.layers(15)) layer.trainable = true;
  model.compile({.optimizer = optimizers::SGD({.learning_rate = 1e-4, .momentum = 0.9}),
                 .loss = "categorical_crossentropy",
                 .metrics = {"accuracy"}});
  model.fit(train, {.epochs = 2, .validation_data = val});
  std::cout.rdbuf(terminal);

  CHECK(base_model.layers().size() == 19);
  CHECK(base_model.layers(15).size() == 4);
  CHECK(base_model.layers(0, 100).size() == 19);
  CHECK(model.layers().size() == 22);
  CHECK_FALSE(base_model.layers()[14].trainable);
  CHECK(base_model.layers()[-1].trainable);
  CHECK(base_model.layers()[15].name() == "block5_conv1");
  CHECK(history["val_accuracy"].size() == 10);
  CHECK(history["loss"].back() < history["loss"].front());
  CHECK_THAT(printed.str(), ContainsSubstring("Epoch 10/10") && ContainsSubstring("val_accuracy: "));
  REQUIRE(frozen.size() == 26);
  const auto tuned = base_model.get_weights();
  for (std::size_t i = 0; i < 26; ++i) {
    CHECK(same_bits(frozen[i], after_head[i]));
    // Ten convolutions with bias lie below block 5. Six images are soon known by heart: the last updates are 1e-7 of
    // the kernels, and may be too small for a bias to show.
    if (i < 20 || i % 2 == 0) CHECK(same_bits(frozen[i], tuned[i]) == (i < 20));
  }
}
