#pragma once
#include <graft/training/callback.hpp>
#include <iostream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

/// A model without layers: its weights are one number, and it remembers what callbacks did with it.
class FakeModel final : public graft::TrainableModel {
 public:
  int weights = 0;
  std::vector<std::string> saved;  ///< "save PATH" or "save_weights PATH"

  const std::string& name() const override { return name_; }
  graft::Optimizer& optimizer() override { return optimizer_; }
  bool& stop_training() override { return stop_training_; }
  std::shared_ptr<const void> copy_weights() const override { return std::make_shared<const int>(weights); }
  void restore_weights(const std::shared_ptr<const void>& copy) override {
    weights = *std::static_pointer_cast<const int>(copy);
  }
  void save(const std::string& path) const override { record("save " + path); }
  void save_weights(const std::string& path) const override { record("save_weights " + path); }
  std::optional<bool> maximizes(const std::string& log_name) const override {
    const std::string name = log_name.starts_with("val_") ? log_name.substr(4) : log_name;
    if (name == "loss") return false;
    if (name == "accuracy") return true;
    return std::nullopt;
  }

 private:
  // save() is const for its users, who do not see what this one writes down.
  void record(std::string call) const { const_cast<FakeModel*>(this)->saved.push_back(std::move(call)); }

  std::string name_ = "fake";
  graft::Optimizer optimizer_ = graft::optimizers::SGD({.learning_rate = 0.1});
  bool stop_training_ = false;
};

/// fit() as callbacks see it: epoch e starts with the weights e, has `batches` batches which log what the epoch logs
/// without its val_ names, and ends with logs[e]. Returns the logs of the epochs that ran, with what callbacks added.
inline std::vector<graft::Logs> fake_fit(FakeModel& model, std::vector<graft::CallbackRef> list,
                                         const std::vector<graft::Logs>& logs, graft::Index batches = 1,
                                         int verbose = 0) {
  using graft::Callback;
  using graft::Logs;
  const int epochs = static_cast<int>(logs.size());
  graft::CallbackList callbacks(std::move(list), model, {verbose, epochs, batches});
  std::vector<Logs> done;
  Logs none;
  model.stop_training() = false;
  callbacks(&Callback::on_train_begin, none);
  for (int epoch = 0; epoch < epochs && !model.stop_training(); ++epoch) {
    model.weights = epoch;
    callbacks(&Callback::on_epoch_begin, epoch, none);
    Logs running;
    for (const auto& [name, value] : logs[static_cast<std::size_t>(epoch)])
      if (!name.starts_with("val_")) running[name] = value;
    for (graft::Index batch = 0; batch < batches && !model.stop_training(); ++batch) {
      callbacks(&Callback::on_train_batch_begin, batch, none);
      callbacks(&Callback::on_train_batch_end, batch, running);
    }
    done.push_back(logs[static_cast<std::size_t>(epoch)]);
    callbacks(&Callback::on_epoch_end, epoch, done.back());
  }
  callbacks(&Callback::on_train_end, done.empty() ? none : done.back());
  return done;
}

/// One epoch per value of the one name that is logged.
inline std::vector<graft::Logs> epochs_of(const std::string& name, const std::vector<double>& values) {
  std::vector<graft::Logs> logs;
  for (const double value : values) logs.push_back({{name, value}});
  return logs;
}

/// Collects what is written to a standard stream while it lives.
class Captured {
 public:
  explicit Captured(std::ostream& stream) : stream_(stream), old_(stream.rdbuf(text_.rdbuf())) {}
  ~Captured() { stream_.rdbuf(old_); }
  Captured(const Captured&) = delete;
  Captured& operator=(const Captured&) = delete;
  std::string text() const { return text_.str(); }

 private:
  std::ostream& stream_;
  std::ostringstream text_;
  std::streambuf* old_;
};
