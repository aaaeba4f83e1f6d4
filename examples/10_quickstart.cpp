// The shortest programs: a classifier and a regression on data made here.
//
// Run     build/examples/10_quickstart
// Result  the classifier tells the two half moons apart (accuracy above 0.95), the regression fits a sine wave (mean
//         absolute error below 0.1); takes a few seconds
#include <graft/graft.hpp>

using namespace graft;

/// Two half circles that reach into each other, with noise; labels 0 and 1.
void make_moons(Tensor<>& x, Tensor<>& y, std::uint64_t seed) {
  const RandomStream random(seed);
  for (Index i = 0; i < x.shape()[0]; ++i) {
    const auto k = static_cast<std::uint64_t>(i);
    const double angle = std::numbers::pi * random.uniform(3 * k);
    const bool upper = i % 2 == 0;
    x(i, 0) = static_cast<float>((upper ? std::cos(angle) : 1 - std::cos(angle)) + 0.1 * random.normal(3 * k + 1));
    x(i, 1) = static_cast<float>((upper ? std::sin(angle) : 0.5 - std::sin(angle)) + 0.1 * random.normal(3 * k + 2));
    y(i, 0) = upper ? 0.f : 1.f;
  }
}

void classify() {
  Tensor<> x({400, 2}), y({400, 1});
  make_moons(x, y, 1);
  Sequential model({layers::Dense(32, {.activation = "relu"}), layers::Dense(32, {.activation = "relu"}),
                    layers::Dense(1, {.activation = "sigmoid"})});
  model.compile({.optimizer = "adam", .loss = "binary_crossentropy", .metrics = {"accuracy"}});
  model.fit(x, y, {.epochs = 200, .verbose = 0, .validation_split = 0.2});
  Tensor<> new_x({200, 2}), new_y({200, 1});
  make_moons(new_x, new_y, 2);
  const auto logs = model.evaluate(new_x, new_y, {.verbose = 0});
  std::cout << "Half moons: accuracy on new points " << logs.at("accuracy") << "\n";
}

void regress() {
  Tensor<> x({256, 1}), y({256, 1});
  for (Index i = 0; i < 256; ++i) {
    x(i, 0) = static_cast<float>(i) / 128.f - 1.f;
    y(i, 0) = std::sin(3.f * x(i, 0));
  }
  Sequential model({layers::Dense(32, {.activation = "tanh"}), layers::Dense(1)});
  model.compile({.optimizer = optimizers::Adam({.learning_rate = 0.01}), .loss = "mse", .metrics = {"mae"}});
  const auto history = model.fit(x, y, {.epochs = 150, .verbose = 0});
  std::cout << "Sine wave: mean absolute error " << history["mae"].back() << "\n";
  std::cout << "sin(3 * 0.5) = " << std::sin(1.5f) << ", the model says "
            << model.predict(Tensor<>({1, 1}, {0.5f}))(0, 0) << "\n";
}

int main() {
  try {
    utils::set_random_seed(1);
    classify();
    regress();
  } catch (const Error& error) {
    std::cerr << "error: " << error.what() << "\n";
    return 1;
  }
}
