#pragma once
#include <functional>
#include <graft/training/callback.hpp>

namespace graft::callbacks {

/// One function per hook; those left out do nothing. Names and order of keras.callbacks.LambdaCallback.
struct LambdaCallbackOptions {
  using OfAll = std::function<void(Logs&)>;
  using OfEpoch = std::function<void(int, Logs&)>;
  using OfBatch = std::function<void(Index, Logs&)>;

  OfEpoch on_epoch_begin = {};
  OfEpoch on_epoch_end = {};
  OfAll on_train_begin = {};
  OfAll on_train_end = {};
  OfBatch on_train_batch_begin = {};
  OfBatch on_train_batch_end = {};
  OfAll on_test_begin = {};
  OfAll on_test_end = {};
  OfBatch on_test_batch_begin = {};
  OfBatch on_test_batch_end = {};
  OfAll on_predict_begin = {};
  OfAll on_predict_end = {};
  OfBatch on_predict_batch_begin = {};
  OfBatch on_predict_batch_end = {};
};

/// A callback made of functions:
///     callbacks::LambdaCallback({.on_epoch_end = [](int epoch, const Logs& logs) { .. }})
class LambdaCallback final : public Callback {
 public:
  explicit LambdaCallback(LambdaCallbackOptions functions)
      : functions_(std::make_shared<LambdaCallbackOptions>(std::move(functions))) {}
  std::shared_ptr<Callback> share() const override { return std::make_shared<LambdaCallback>(*this); }

  void on_epoch_begin(int epoch, Logs& logs) override { call(functions_->on_epoch_begin, epoch, logs); }
  void on_epoch_end(int epoch, Logs& logs) override { call(functions_->on_epoch_end, epoch, logs); }
  void on_train_begin(Logs& logs) override { call(functions_->on_train_begin, logs); }
  void on_train_end(Logs& logs) override { call(functions_->on_train_end, logs); }
  void on_train_batch_begin(Index batch, Logs& logs) override { call(functions_->on_train_batch_begin, batch, logs); }
  void on_train_batch_end(Index batch, Logs& logs) override { call(functions_->on_train_batch_end, batch, logs); }
  void on_test_begin(Logs& logs) override { call(functions_->on_test_begin, logs); }
  void on_test_end(Logs& logs) override { call(functions_->on_test_end, logs); }
  void on_test_batch_begin(Index batch, Logs& logs) override { call(functions_->on_test_batch_begin, batch, logs); }
  void on_test_batch_end(Index batch, Logs& logs) override { call(functions_->on_test_batch_end, batch, logs); }
  void on_predict_begin(Logs& logs) override { call(functions_->on_predict_begin, logs); }
  void on_predict_end(Logs& logs) override { call(functions_->on_predict_end, logs); }
  void on_predict_batch_begin(Index batch, Logs& logs) override {
    call(functions_->on_predict_batch_begin, batch, logs);
  }
  void on_predict_batch_end(Index batch, Logs& logs) override { call(functions_->on_predict_batch_end, batch, logs); }

 private:
  template <class Function, class... Arguments>
  static void call(const Function& function, Arguments&... arguments) {
    if (function) function(arguments...);
  }

  // Shared, so that what a mutable function keeps is one for all copies.
  std::shared_ptr<LambdaCallbackOptions> functions_;
};

}  // namespace graft::callbacks
