// One training step of the course's network on 16 images of 224 x 224, by SGD with momentum. Layers of the trunk from
// number FIRST on learn. "augmented": the images are flipped and turned anew in every step, so every step computes the
// whole network; "cached": they are always the same, and fit() computes the frozen layers once.
#include "networks.hpp"
#include "worker.hpp"

using namespace graft;

namespace {

constexpr Index batch_size = 16;

void compile(const Model<>& model, double learning_rate) {
  model.compile({.optimizer = optimizers::SGD({.learning_rate = learning_rate, .momentum = 0.9}),
                 .loss = "categorical_crossentropy"});
}

/// What one step changes in the lowest kernel that learns; its gradient came through all that learns.
Tensor<> first_update(const Model<>& model, const LayerRef<float>& lowest, const Tensor<>& x, const Tensor<>& y) {
  const auto before = model.get_weights();
  const Tensor<> old = lowest.get_weights().front();
  compile(model, 0.01);
  model.fit(x, y, {.batch_size = batch_size, .epochs = 1, .verbose = 0, .shuffle = false});
  Tensor<> change = lowest.get_weights().front();
  change.array() -= old.array();
  model.set_weights(before);
  return change;
}

double augmented_step(const Model<>& model, const Tensor<>& x, const Tensor<>& y) {
  return benchmark::seconds_per_call([&] { model.train_on_batch(x, y); });
}

double cached_step(const Model<>& model, const Dataset<>& data) {
  constexpr int epochs = 10;
  const double seconds = benchmark::seconds_per_call([&] { model.fit(data, {.epochs = epochs, .verbose = 0}); });
  return seconds / static_cast<double>(epochs * data.size() / batch_size);
}

void run(const std::vector<std::string>& arguments) {
  set_num_threads(std::stol(arguments[2]));
  const Index first = std::stol(arguments[3]);
  const io::TensorFile file(arguments[0] + "/images.safetensors");
  const auto x = file.read<float>("x"), y = file.read<float>("y");
  const Tensor<> x0 = x.slice(0, batch_size), y0 = y.slice(0, batch_size);

  const benchmark::Classifier network(2);
  const auto images = Input({224, 224, 3});
  const Model plain(images, network(images));
  network.set_head(benchmark::read_weights(arguments[0] + "/head.safetensors"));
  const Model<>& trunk = network.trunk();
  for (const auto& layer : trunk.layers(0, first)) layer.trainable = false;
  benchmark::ResultFile(arguments[1]).write(first_update(plain, trunk.layers()[first], x0, y0).view().span());

  if (arguments[4] == "cached") {
    compile(plain, 1e-4);
    const auto data = Dataset<>::from_tensors(x, y).batch(batch_size);
    cached_step(plain, data);  // fills the cache
    return benchmark::serve([&] { return std::vector{cached_step(plain, data)}; });
  }
  const auto turned = layers::RandomRotation(0.05)(layers::RandomFlip("horizontal")(images));
  const Model augmented(images, network(turned));
  compile(augmented, 1e-4);
  augmented_step(augmented, x0, y0);
  benchmark::serve([&] { return std::vector{augmented_step(augmented, x0, y0)}; });
}

}  // namespace

int main(int argc, char** argv) {
  return benchmark::run_program(argc, argv, 5, "FOLDER RESULT THREADS FIRST augmented|cached", run);
}
