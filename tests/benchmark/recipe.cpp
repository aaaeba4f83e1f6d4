// The course's recipe, from photos on disk to both accuracies: a new head on a frozen VGG16 by rmsprop, then block5 too
// by SGD. DATA holds train/ and val/, a folder per class in each. Prints a line of JSON.
#include "networks.hpp"
#include "worker.hpp"

using namespace graft;

namespace {

Dataset<> read_photos(const std::string& folder, bool shuffle) {
  const utils::ImageDatasetOptions options{.label_mode = "categorical",
                                           .batch_size = 16,
                                           .image_size = 224,
                                           .shuffle = shuffle,
                                           .seed = 1,
                                           .verbose = false};
  return utils::image_dataset_from_directory(folder, options).map(applications::vgg16::preprocess_input);
}

double train(const Model<>& model, const Optimizer& optimizer, const Dataset<>& train, const Dataset<>& val,
             int epochs) {
  model.compile({.optimizer = optimizer, .loss = "categorical_crossentropy", .metrics = {"accuracy"}});
  return model.fit(train, {.epochs = epochs, .verbose = 0, .validation_data = val})["val_accuracy"].back();
}

void run(const std::vector<std::string>& arguments) {
  set_num_threads(std::stol(arguments[1]));
  utils::set_random_seed(1);
  const int head_epochs = std::stoi(arguments[2]), fine_epochs = std::stoi(arguments[3]);
  const auto photos = read_photos(arguments[0] + "/train", true), val = read_photos(arguments[0] + "/val", false);

  const benchmark::Classifier network(static_cast<Index>(photos.class_names().size()));
  const auto images = Input({224, 224, 3});
  const Model model(images, network(images));
  const Model<>& trunk = network.trunk();
  for (const auto& layer : trunk.layers()) layer.trainable = false;
  const double head = train(model, "rmsprop", photos, val, head_epochs);
  for (const auto& layer : trunk.layers(15)) layer.trainable = true;
  const double fine = train(model, optimizers::SGD({.learning_rate = 1e-4, .momentum = 0.9}), photos, val, fine_epochs);
  std::cout << R"({"head": {"val_accuracy": [)" << head << R"(]}, "fine": {"val_accuracy": [)" << fine << "]}}\n";
}

}  // namespace

int main(int argc, char** argv) {
  return benchmark::run_program(argc, argv, 4, "DATA THREADS EPOCHS_HEAD EPOCHS_FINE", run);
}
