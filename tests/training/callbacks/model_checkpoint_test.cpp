#include <fstream>
#include <graft/training/callbacks/model_checkpoint.hpp>

#include "support/catch.hpp"
#include "support/temporary_folder.hpp"
#include "training/fake_model.hpp"

using namespace graft;
using callbacks::ModelCheckpoint;
using callbacks::ModelCheckpointOptions;
using Calls = std::vector<std::string>;

namespace {

Calls saved(const ModelCheckpoint& checkpoint, const std::vector<Logs>& logs, Index batches = 1) {
  FakeModel model;
  fake_fit(model, {checkpoint}, logs, batches);
  return model.saved;
}

}  // namespace

TEST_CASE("ModelCheckpoint saves the model or its weights after every epoch", "[training][model_checkpoint]") {
  const auto logs = epochs_of("val_loss", {2.25, 3});
  CHECK(saved(ModelCheckpoint("m.safetensors"), logs) == Calls{"save m.safetensors", "save m.safetensors"});
  CHECK(saved(ModelCheckpoint("{epoch:02d}-{val_loss:.1f}.safetensors", {.save_weights_only = true}), logs) ==
        Calls{"save_weights 01-2.2.safetensors", "save_weights 02-3.0.safetensors"});
}

TEST_CASE("ModelCheckpoint saves only what is better than all before", "[training][model_checkpoint]") {
  const auto run = [](const char* name, ModelCheckpointOptions options) {
    options.monitor = name;
    options.save_best_only = true;
    return saved(ModelCheckpoint("{epoch}.safetensors", options), epochs_of(name, {2, 3, 1, 1}));
  };
  CHECK(run("val_loss", {}) == Calls{"save 1.safetensors", "save 3.safetensors"});
  CHECK(run("val_accuracy", {}) == Calls{"save 1.safetensors", "save 2.safetensors"});
  CHECK(run("val_loss", {.mode = "max"}) == Calls{"save 1.safetensors", "save 2.safetensors"});
  CHECK(run("val_loss", {.initial_value_threshold = 1.5}) == Calls{"save 3.safetensors"});
  CHECK_THROWS_AS(run("mine", {}), ArgumentError);
  CHECK_THROWS_AS(run("val_loss", {.mode = "best"}), ArgumentError);
  // The direction matters only where something is compared.
  CHECK(saved(ModelCheckpoint("m.safetensors", {.monitor = "mine"}), epochs_of("loss", {1})).size() == 1);
}

TEST_CASE("ModelCheckpoint remembers the best from one fit to the next", "[training][model_checkpoint]") {
  const ModelCheckpoint checkpoint("m.safetensors", {.save_best_only = true});
  CHECK(saved(checkpoint, epochs_of("val_loss", {2})).size() == 1);
  CHECK(saved(checkpoint, epochs_of("val_loss", {3, 2})).empty());
  CHECK(saved(checkpoint, epochs_of("val_loss", {1.5})).size() == 1);
  CHECK(checkpoint.best() == 1.5);
}

TEST_CASE("ModelCheckpoint saves after so many batches, counted over epochs", "[training][model_checkpoint]") {
  const ModelCheckpoint checkpoint("{epoch}-{batch}-{loss}.safetensors", {.save_freq = 3});
  CHECK(saved(checkpoint, epochs_of("loss", {1, 2}), 4) ==
        Calls{"save 1-3-1.0.safetensors", "save 2-2-2.0.safetensors"});
}

TEST_CASE("ModelCheckpoint makes missing folders", "[training][model_checkpoint]") {
  const TemporaryFolder folder;
  const std::string path = folder / "a/{epoch}/m.safetensors";
  CHECK(saved(ModelCheckpoint(path), epochs_of("loss", {1})) ==
        Calls{"save " + (folder / "a/1/m.safetensors").string()});
  CHECK(std::filesystem::is_directory(folder / "a/1"));
  std::ofstream(folder / "file") << "in the way";
  const auto blocked = folder / "file/m.safetensors";
  CHECK_THROWS_MATCHES(
      saved(ModelCheckpoint(blocked), epochs_of("loss", {1})), FileError,
      Message("ModelCheckpoint: the folder '" + (folder / "file").string() + "' cannot be made: Not a directory."));
}

TEST_CASE("ModelCheckpoint says what it does with verbose 1", "[training][model_checkpoint]") {
  const Captured out(std::cout);
  saved(ModelCheckpoint("P.safetensors", {.verbose = 1, .save_best_only = true}),
        epochs_of("val_loss", {1.4519732, 1.5, 1.25}));
  CHECK(out.text() ==
        "\nEpoch 1: val_loss improved from None to 1.45197, saving model to P.safetensors\n"
        "\nEpoch 1: finished saving model to P.safetensors\n"
        "\nEpoch 2: val_loss did not improve from 1.45197\n"
        "\nEpoch 3: val_loss improved from 1.45197 to 1.25000, saving model to P.safetensors\n"
        "\nEpoch 3: finished saving model to P.safetensors\n");
}

TEST_CASE("ModelCheckpoint says that it saves every epoch with verbose 1", "[training][model_checkpoint]") {
  const Captured out(std::cout);
  saved(ModelCheckpoint("P.safetensors", {.verbose = 1}), epochs_of("loss", {1}));
  CHECK(out.text() == "\nEpoch 1: saving model to P.safetensors\n\nEpoch 1: finished saving model to P.safetensors\n");
}

TEST_CASE("ModelCheckpoint warns and saves where the best is not known", "[training][model_checkpoint]") {
  const Captured err(std::cerr);
  CHECK(saved(ModelCheckpoint("m.safetensors", {.save_best_only = true}), epochs_of("loss", {1, 2})).size() == 2);
  CHECK(err.text() ==
        "warning: ModelCheckpoint: 'val_loss' is not logged, so the model is saved without regard to it. What "
        "is logged: loss. Names with val_ need validation data.\n");
}

TEST_CASE("ModelCheckpoint refuses a path that is none of a safetensors file", "[training][model_checkpoint]") {
  const std::string rule =
      "ModelCheckpoint: a checkpoint is a safetensors file, whole models and weights alike, so its path "
      "ends in .safetensors; got ";
  CHECK_THROWS_MATCHES(ModelCheckpoint("best"), ArgumentError, Message(rule + "\"best\". Write \"best.safetensors\"."));
  const std::string keras = "; graft/keras.hpp turns a finished model into a Keras file.";
  CHECK_THROWS_MATCHES(ModelCheckpoint("{epoch}.keras"), ArgumentError,
                       Message(rule + "\"{epoch}.keras\". Write \"{epoch}.safetensors\"" + keras));
  CHECK_THROWS_MATCHES(ModelCheckpoint("a.weights.h5"), ArgumentError,
                       Message(rule + "\"a.weights.h5\". Write \"a.weights.safetensors\"" + keras));
}

TEST_CASE("ModelCheckpoint refuses a faulty frequency and fields that nothing fills", "[training][model_checkpoint]") {
  const std::string rule = "ModelCheckpoint: save_freq is \"epoch\" or a positive number of batches, got ";
  CHECK_THROWS_MATCHES(ModelCheckpoint("m.safetensors", {.save_freq = "batch"}), ArgumentError,
                       Message(rule + "\"batch\"."));
  CHECK_THROWS_MATCHES(ModelCheckpoint("m.safetensors", {.save_freq = 0}), ArgumentError, Message(rule + "0."));
  CHECK_THROWS_MATCHES(
      ModelCheckpoint("{batch}.safetensors"), ArgumentError,
      Message("ModelCheckpoint: the path \"{batch}.safetensors\" has a field {batch}, but the model is saved "
              "at the end of epochs. Give save_freq a number of batches, or take the field out."));
  CHECK_THROWS_AS(saved(ModelCheckpoint("{val_loss}.safetensors"), epochs_of("loss", {1})), ArgumentError);
}
