#pragma once
#include <filesystem>
#include <graft/training/callback.hpp>
#include <graft/training/callbacks/monitor.hpp>
#include <graft/training/callbacks/path_template.hpp>
#include <graft/training/progress_text.hpp>

namespace graft::callbacks {

/// When ModelCheckpoint saves: "epoch", or after so many batches. Throws ArgumentError for anything else.
class SaveFrequency {
 public:
  SaveFrequency(const char* text) {
    if (std::string_view(text) != "epoch") fail('"', text, "\".");
  }
  template <std::integral I>
  requires(!std::same_as<I, bool>) SaveFrequency(I batches) : batches_(static_cast<Index>(batches)) {
    if (batches < 1) fail(batches, '.');
  }
  bool every_epoch() const { return batches_ == 0; }
  Index batches() const { return batches_; }

 private:
  template <class... Parts>
  [[noreturn]] static void fail(const Parts&... got) {
    raise<ArgumentError>("ModelCheckpoint: save_freq is \"epoch\" or a positive number of batches, got ", got...);
  }
  Index batches_ = 0;
};

/// Names, order and defaults of keras.callbacks.ModelCheckpoint.
struct ModelCheckpointOptions {
  std::string monitor = "val_loss";
  int verbose = 0;                 ///< 1 says what it saves and why
  bool save_best_only = false;     ///< only when the monitored value is the best so far
  bool save_weights_only = false;  ///< save_weights() instead of save()
  std::string mode = "auto";       ///< "min", "max", or "auto": as the monitored loss or metric wants it
  SaveFrequency save_freq = "epoch";
  std::optional<double> initial_value_threshold = {};  ///< what the first value has to beat
};

/// Saves the model, or its weights, in a .safetensors file after every epoch or after so many batches. The path may
/// hold {epoch}, counted from 1, {batch}, and the name of any logged value, each with a format as in Python:
///     callbacks::ModelCheckpoint("checkpoints/{epoch:02d}-{val_loss:.2f}.safetensors", {.save_best_only = true})
/// Missing folders are made. The best value is kept from one fit() to the next. If save_best_only's value is not
/// logged it warns and saves. Throws ArgumentError for a path that ends otherwise or has a faulty field and for an
/// unknown mode; from fit() if "auto" does not know the direction or a field of the path is not logged, and FileError
/// if the file cannot be written. Source: keras/src/callbacks/model_checkpoint.py.
class ModelCheckpoint final : public Callback {
 public:
  explicit ModelCheckpoint(const std::filesystem::path& filepath, ModelCheckpointOptions options = {})
      : state_(std::make_shared<State>(State{detail::PathTemplate("ModelCheckpoint", filepath.string()), options,
                                             detail::Monitor("ModelCheckpoint", options.monitor, options.mode),
                                             options.initial_value_threshold})) {
    check_extension(filepath.string());
    if (options.save_freq.every_epoch() && state_->path.has("batch"))
      raise<ArgumentError>(
          "ModelCheckpoint: the path \"", filepath.string(),
          "\" has a field {batch}, but the model is saved at the end of epochs. Give save_freq a number "
          "of batches, or take the field out.");
  }
  std::shared_ptr<Callback> share() const override { return std::make_shared<ModelCheckpoint>(*this); }

  /// The best monitored value so far, with save_best_only.
  std::optional<double> best() const { return state_->best; }

  void on_train_begin(Logs&) override {
    if (state_->options.save_best_only) state_->monitor.start(model());
  }
  void on_epoch_begin(int epoch, Logs&) override { state_->epoch = epoch + 1; }
  void on_train_batch_end(Index batch, Logs& logs) override {
    State& s = *state_;
    if (s.options.save_freq.every_epoch() || ++s.batches < s.options.save_freq.batches()) return;
    s.batches = 0;
    save(s.path.fill({{"epoch", s.epoch}, {"batch", batch + 1}}, logs), logs);
  }
  void on_epoch_end(int, Logs& logs) override {
    State& s = *state_;
    if (s.options.save_freq.every_epoch()) save(s.path.fill({{"epoch", s.epoch}}, logs), logs);
  }

 private:
  struct State {
    detail::PathTemplate path;
    ModelCheckpointOptions options;
    detail::Monitor monitor;
    std::optional<double> best;
    int epoch = 1;      ///< counted from 1
    Index batches = 0;  ///< since the last time it was due
  };

  static void check_extension(const std::string& path) {
    if (path.ends_with(".safetensors")) return;
    const bool keras = path.ends_with(".keras") || path.ends_with(".h5");
    const std::string name = keras ? path.substr(0, path.rfind('.')) : path;
    raise<ArgumentError>(
        "ModelCheckpoint: a checkpoint is a safetensors file, whole models and weights alike, so its path "
        "ends in .safetensors; got \"",
        path, "\". Write \"", name, ".safetensors\"",
        keras ? "; graft/keras.hpp turns a finished model into a Keras file." : ".");
  }

  void save(const std::string& path, const Logs& logs) {
    State& s = *state_;
    if (!should_save(path, logs)) return;
    make_folder(path);
    if (s.options.save_weights_only)
      model().save_weights(path);
    else
      model().save(path);
    say("finished saving model to ", path);
  }
  bool should_save(const std::string& path, const Logs& logs) {
    State& s = *state_;
    if (!s.options.save_best_only) {
      say("saving model to ", path);
      return true;
    }
    const auto value = s.monitor.value(logs, "the model is saved without regard to it");
    if (!value) return true;
    const std::string best = s.best ? progress::number(*s.best, std::chars_format::fixed, 5) : "None";
    if (!s.monitor.improves(*value, s.best)) {
      say(s.monitor.name(), " did not improve from ", best);
      return false;
    }
    say(s.monitor.name(), " improved from ", best, " to ", progress::number(*value, std::chars_format::fixed, 5),
        ", saving model to ", path);
    s.best = value;
    return true;
  }
  static void make_folder(const std::filesystem::path& path) {
    std::error_code error;
    if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), error);
    if (error)
      raise<FileError>("ModelCheckpoint: the folder '", path.parent_path().string(),
                       "' cannot be made: ", error.message(), ".");
  }
  template <class... Parts>
  void say(const Parts&... parts) const {
    if (state_->options.verbose > 0) detail::print("\nEpoch ", state_->epoch, ": ", parts...);
  }

  std::shared_ptr<State> state_;
};

}  // namespace graft::callbacks
