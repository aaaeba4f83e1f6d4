// Fine-tunes a VGG16 with its ImageNet weights on a folder of photos, in the two phases of the course:
//   1. freeze the trunk, train a new head;
//   2. unfreeze the last block, compile again, fine-tune both with small steps.
//
// Data    a folder with train/ and val/ in it, one folder per class in each; the default is examples/data/photos
// Run     build/examples/40_finetune_vgg16          (--help lists the options)
// Result  the default takes about a minute on two cores; phase 1 gets four of five validation photos right, phase 2
//         nine of ten; the model is in finetuned.safetensors, and 50_predict uses it
#include <CLI/CLI.hpp>
#include <graft/graft.hpp>
#include <iomanip>

using namespace graft;

struct Settings {
  std::string data = GRAFT_EXAMPLES_DATA "/photos", save = "finetuned.safetensors";
  int epochs_head = 1, epochs_fine = 4;  // five epochs of the head would leave phase 2 nothing to learn
  Index unfreeze_from = 15, batch_size = 16, image_size = 224, threads = 0;
  std::uint64_t seed = 1;
  bool compare = false;
};

struct Photos {
  Dataset<> train, val;
};

Photos load_photos(const Settings& s) {
  utils::ImageDatasetOptions options{
      .label_mode = "categorical", .batch_size = s.batch_size, .image_size = s.image_size, .seed = s.seed};
  std::cout << "Photos in " << s.data << "\n";
  const auto train = utils::image_dataset_from_directory(s.data + "/train", options);
  options.shuffle = false;
  const auto val = utils::image_dataset_from_directory(s.data + "/val", options);
  return {train.map(applications::vgg16::preprocess_input), val.map(applications::vgg16::preprocess_input)};
}

std::vector<CallbackRef> stop_on_interrupt() { return {callbacks::StopOnInterrupt()}; }

/// The course's program. Ctrl-C ends it after the batch, with the best weights so far.
Model<> fine_tune(const Settings& s, const Photos& photos) {
  const Index num_classes = static_cast<Index>(photos.train.class_names().size());

  auto base_model = applications::VGG16({.weights = "imagenet", .include_top = false});

  auto x = base_model.output();
  x = layers::GlobalAveragePooling2D()(x);
  x = layers::Dense(1024, {.activation = "relu"})(x);
  auto predictions = layers::Dense(num_classes, {.activation = "softmax"})(x);
  Model model(base_model.input(), predictions);
  model.summary({.show_trainable = true});

  std::cout << "\nPhase 1: the trunk is frozen, only the new head learns.\n";
  for (auto& layer : base_model.layers()) layer.trainable = false;
  model.compile({.optimizer = "rmsprop", .loss = "categorical_crossentropy", .metrics = {"accuracy"}});
  std::cout << model.plan({.dataset = photos.train}) << std::flush;
  const callbacks::StopOnInterrupt interrupt;
  auto history =
      model.fit(photos.train, {.epochs = s.epochs_head, .callbacks = {interrupt}, .validation_data = photos.val});
  if (interrupt.interrupted()) return model;
  std::cout << "After phase 1: validation accuracy " << history["val_accuracy"].back() << "\n";

  // The course unfreezes base_model.layers[:100], which on VGG16 is all 19 layers, while its text speaks of the last
  // ones: --unfreeze-from 0 does the first, the default 15 (block5) the second.
  std::cout << "\nPhase 2: layers from number " << s.unfreeze_from << " on learn too, with small steps.\n";
  for (auto& layer : base_model.layers(0, s.unfreeze_from)) layer.trainable = false;
  for (auto& layer : base_model.layers(s.unfreeze_from)) layer.trainable = true;
  model.compile({.optimizer = optimizers::SGD({.learning_rate = 1e-4, .momentum = 0.9}),
                 .loss = "categorical_crossentropy",
                 .metrics = {"accuracy"}});
  std::cout << model.plan({.dataset = photos.train}) << std::flush;
  history = model.fit(photos.train, {.epochs = s.epochs_fine, .callbacks = {interrupt}, .validation_data = photos.val});
  if (!interrupt.interrupted())
    std::cout << "After phase 2: validation accuracy " << history["val_accuracy"].back() << "\n";
  return model;
}

/// Rows are true classes, columns what the model says.
void print_confusion(const Model<>& model, const Dataset<>& val) {
  const auto& names = val.class_names();
  const auto probabilities = model.predict(val);
  Batch<> labels;
  val.targets(val.order(0), labels);
  std::vector<std::vector<int>> counts(names.size(), std::vector<int>(names.size()));
  for (Index i = 0; i < probabilities.shape()[0]; ++i)
    ++counts[static_cast<std::size_t>(labels.y[0][i].argmax())][static_cast<std::size_t>(probabilities[i].argmax())];
  std::cout << "\nConfusion matrix of the validation photos (rows: true class, columns: prediction)\n";
  for (std::size_t row = 0; row < names.size(); ++row) {
    std::cout << std::setw(12) << names[row];
    for (const int n : counts[row]) std::cout << std::setw(5) << n;
    std::cout << "\n";
  }
}

/// The first validation photo of every class.
void print_predictions(const Model<>& model, const Settings& s) {
  std::cout << "\nA few predictions\n";
  for (const auto& name : model.class_names()) {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(s.data + "/val/" + name))
      files.push_back(entry.path());
    if (files.empty()) continue;
    const auto file = *std::min_element(files.begin(), files.end());
    const auto scores = model.predict(utils::prepare_image(model, file));
    const Index best = scores.argmax();
    std::cout << "  " << name << "/" << file.filename().string() << ": "
              << model.class_names()[static_cast<std::size_t>(best)] << " (" << std::fixed << std::setprecision(1)
              << 100 * scores.data()[best] << " %)\n";
  }
}

/// What the photos alone can teach: a small network without ImageNet.
void compare_with_small_network(const Settings& s, const Photos& photos) {
  std::cout << "\nFor comparison: a small convolutional network trained from scratch on the same photos.\n";
  const Index num_classes = static_cast<Index>(photos.train.class_names().size());
  Sequential small({layers::Rescaling(1.0 / 128), layers::Conv2D(16, 3, {.activation = "relu"}),
                    layers::MaxPooling2D(4), layers::Conv2D(32, 3, {.activation = "relu"}), layers::MaxPooling2D(4),
                    layers::Conv2D(64, 3, {.activation = "relu"}), layers::GlobalAveragePooling2D(),
                    layers::Dense(num_classes, {.activation = "softmax"})});
  small.compile({.optimizer = "adam", .loss = "categorical_crossentropy", .metrics = {"accuracy"}});
  const auto history = small.fit(
      photos.train,
      {.epochs = s.epochs_head + s.epochs_fine, .callbacks = stop_on_interrupt(), .validation_data = photos.val});
  std::cout << "From scratch: validation accuracy " << history["val_accuracy"].back()
            << ". The difference is what ImageNet taught the trunk.\n";
}

void run(const Settings& s) {
  if (s.threads > 0) set_num_threads(s.threads);
  utils::set_random_seed(s.seed);
  const Photos photos = load_photos(s);
  const Model<> model = fine_tune(s, photos);
  print_confusion(model, photos.val);
  print_predictions(model, s);
  model.save(s.save);
  std::cout << "\nThe model is in " << s.save << ". Use it:  50_predict " << s.save << " PHOTO...\n";
  if (s.compare) compare_with_small_network(s, photos);
}

int main(int argc, char** argv) {
  Settings s;
  CLI::App app{"Fine-tunes VGG16 on a folder of photos, in two phases"};
  app.add_option("--data", s.data, "folder with train/ and val/, one folder per class in each")->capture_default_str();
  app.add_option("--epochs-head", s.epochs_head, "epochs of phase 1")->capture_default_str();
  app.add_option("--epochs-fine", s.epochs_fine, "epochs of phase 2")->capture_default_str();
  app.add_option("--unfreeze-from", s.unfreeze_from, "first layer of VGG16 that learns in phase 2")
      ->capture_default_str();
  app.add_option("--batch-size", s.batch_size)->capture_default_str();
  app.add_option("--image-size", s.image_size, "height and width, at least 32")->capture_default_str();
  app.add_option("--threads", s.threads, "0: one per core")->capture_default_str();
  app.add_option("--seed", s.seed)->capture_default_str();
  app.add_option("--save", s.save, "where the model goes, .safetensors")->capture_default_str();
  app.add_flag("--compare", s.compare, "also train a small network from scratch");
  CLI11_PARSE(app, argc, argv);
  try {
    run(s);
  } catch (const Error& error) {
    std::cerr << "error: " << error.what() << "\n";
    return 1;
  }
}
