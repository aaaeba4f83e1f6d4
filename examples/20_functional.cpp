// The functional API: two inputs, a shared layer, two outputs, a nested model, losses and metrics by output.
//
// Run     build/examples/20_functional
// Result  prints the table of the model and learns whether two vectors are alike and how far they are apart: accuracy
//         above 0.9; takes a few seconds
#include <graft/graft.hpp>

using namespace graft;

struct Pairs {
  Tensor<> left{{600, 8}}, right{{600, 8}}, same{{600, 1}}, distance{{600, 1}};
};

/// Every second pair is one vector and a noisy copy of it, the others are independent.
Pairs make_pairs(std::uint64_t seed) {
  Pairs pairs;
  const RandomStream random(seed);
  for (Index i = 0; i < 600; ++i) {
    double square = 0;
    for (Index j = 0; j < 8; ++j) {
      const auto k = static_cast<std::uint64_t>(16 * i + 2 * j);
      pairs.left(i, j) = static_cast<float>(random.normal(k));
      pairs.right(i, j) =
          static_cast<float>(i % 2 == 0 ? pairs.left(i, j) + 0.2 * random.normal(k + 1) : random.normal(k + 1));
      square += std::pow(pairs.left(i, j) - pairs.right(i, j), 2);
    }
    pairs.same(i, 0) = i % 2 == 0 ? 1.f : 0.f;
    pairs.distance(i, 0) = static_cast<float>(std::sqrt(square));
  }
  return pairs;
}

Model<> make_model() {
  // One encoder, called twice: both sides share its weights.
  Sequential encoder({layers::Dense(32, {.activation = "relu", .name = "encode"}), layers::Dense(16, {.name = "code"})},
                     {.name = "encoder"});
  const auto left = Input({8}, {.name = "left"}), right = Input({8}, {.name = "right"});
  const auto both = layers::Concatenate()({encoder(left), encoder(right)});
  auto x = layers::Dense(64, {.activation = "relu"})(both);
  x = layers::Dense(32, {.activation = "relu"})(x);
  const auto same = layers::Dense(1, {.activation = "sigmoid", .name = "same"})(x);
  const auto distance = layers::Dense(1, {.name = "distance"})(x);
  return Model({left, right}, {same, distance}, {.name = "pairs"});
}

int main() {
  try {
    utils::set_random_seed(1);
    const Model<> model = make_model();
    model.summary({.expand_nested = true});
    model.compile({.optimizer = "adam",
                   .loss = {{"same", "binary_crossentropy"}, {"distance", "mse"}},
                   .loss_weights = {{"same", 1.0}, {"distance", 0.1}},
                   .metrics = {{"same", {"accuracy"}}, {"distance", {"mae"}}}});
    const Pairs train = make_pairs(1), test = make_pairs(2);
    model.fit({train.left, train.right}, {train.same, train.distance}, {.epochs = 30, .verbose = 0});
    for (const auto& [name, value] :
         model.evaluate({test.left, test.right}, {test.same, test.distance}, {.verbose = 0}))
      std::cout << name << " on new pairs: " << value << "\n";
  } catch (const Error& error) {
    std::cerr << "error: " << error.what() << "\n";
    return 1;
  }
}
