// A training step of a small network from scratch, as fit() does them in an epoch.
//   convnet  32 x 32 x 3, three blocks of convolution, BatchNormalization, relu and pooling; batches of 64
//   mlp      784-512-256-10; batches of 128
#include "networks.hpp"
#include "worker.hpp"

using namespace graft;

namespace {

Sequential<> make_convnet() {
  Sequential<> model({Input({32, 32, 3})});
  for (const Index filters : {32, 64, 128}) {
    model.add(layers::Conv2D(filters, 3, {.padding = "same"}));
    model.add(layers::BatchNormalization());
    model.add(layers::ReLU());
    model.add(layers::MaxPooling2D(2));
  }
  model.add(layers::Flatten());
  model.add(layers::Dense(10, {.activation = "softmax"}));
  return model;
}

Sequential<> make_mlp() {
  return Sequential<>({Input({784}), layers::Dense(512, {.activation = "relu"}),
                       layers::Dense(256, {.activation = "relu"}), layers::Dense(10, {.activation = "softmax"})});
}

/// What one step changes in all weights, moving statistics too.
void write_first_update(const std::string& path, const Model<>& model, const Tensor<>& x, const Tensor<>& y) {
  const auto before = model.get_weights();
  model.train_on_batch(x, y);
  const auto after = model.get_weights();
  benchmark::ResultFile result(path);
  for (std::size_t i = 0; i < after.size(); ++i) {
    Tensor<> change = after[i];
    change.array() -= before[i].array();
    result.write(change.view().span());
  }
}

void run(const std::vector<std::string>& arguments) {
  set_num_threads(std::stol(arguments[2]));
  const bool convnet = arguments[3] == "convnet";
  const Sequential<> model = convnet ? make_convnet() : make_mlp();
  const std::string files = arguments[0] + "/" + arguments[3];
  const io::TensorFile data(files + "_data.safetensors");
  const auto x = data.read<float>("x"), y = data.read<float>("y");
  const Index batch_size = convnet ? 64 : 128;
  model.set_weights(benchmark::read_weights(files + ".safetensors"));
  model.compile(
      {.optimizer = optimizers::SGD({.learning_rate = 0.01, .momentum = 0.9}), .loss = "categorical_crossentropy"});
  write_first_update(arguments[1], model, x.slice(0, batch_size), y.slice(0, batch_size));

  const auto epoch = [&] { model.fit(x, y, {.batch_size = batch_size, .verbose = 0, .shuffle = false}); };
  epoch();
  const double steps = static_cast<double>(x.shape()[0] / batch_size);
  benchmark::serve([&] { return std::vector{benchmark::seconds_per_call(epoch) / steps}; });
}

}  // namespace

int main(int argc, char** argv) {
  return benchmark::run_program(argc, argv, 4, "FOLDER RESULT THREADS convnet|mlp", run);
}
