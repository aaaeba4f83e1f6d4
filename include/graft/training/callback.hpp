#pragma once
#include <graft/training/logs.hpp>
#include <graft/training/trainable_model.hpp>
#include <vector>

namespace graft {

/// What fit() tells its callbacks about itself.
struct FitParameters {
  int verbose = 0;  ///< 0 silent, 1 bar, 2 one line per epoch
  int epochs = 1;
  Index steps = None;  ///< batches per epoch; None where a generator has not ended yet
};

/// Base of what runs along with fit(), evaluate() and predict(). Logs are shared: what a callback writes into them,
/// later callbacks and the History see. Copies should share their state; share() returns one
/// (std::make_shared<Mine>(*this)). Order of calls: train_begin; per epoch epoch_begin, train_batch_begin and _end per
/// batch, the validation's test_ hooks, epoch_end (logs with val_); train_end. Epochs and batches count from 0.
class Callback {
 public:
  virtual ~Callback() = default;
  virtual std::shared_ptr<Callback> share() const = 0;

  void set_model(TrainableModel* model) { model_ = model; }
  void set_params(const FitParameters& params) { params_ = params; }

  virtual void on_train_begin(Logs&) {}
  virtual void on_train_end(Logs&) {}
  virtual void on_epoch_begin(int, Logs&) {}
  virtual void on_epoch_end(int, Logs&) {}
  virtual void on_train_batch_begin(Index, Logs&) {}
  virtual void on_train_batch_end(Index, Logs&) {}
  virtual void on_test_begin(Logs&) {}
  virtual void on_test_end(Logs&) {}
  virtual void on_test_batch_begin(Index, Logs&) {}
  virtual void on_test_batch_end(Index, Logs&) {}
  virtual void on_predict_begin(Logs&) {}
  virtual void on_predict_end(Logs&) {}
  virtual void on_predict_batch_begin(Index, Logs&) {}
  virtual void on_predict_batch_end(Index, Logs&) {}

 protected:
  /// The model that trains. Requires that a fit, evaluate or predict is running.
  TrainableModel& model() const { return *model_; }
  const FitParameters& params() const { return params_; }

 private:
  TrainableModel* model_ = nullptr;
  FitParameters params_;
};

/// What lists of callbacks hold: a handle on any callback.
class CallbackRef {
 public:
  CallbackRef(const Callback& callback) : callback_(callback.share()) {}
  explicit CallbackRef(std::shared_ptr<Callback> callback) : callback_(std::move(callback)) {}
  Callback* operator->() const { return callback_.get(); }
  Callback& operator*() const { return *callback_; }

 private:
  std::shared_ptr<Callback> callback_;
};

/// Calls one hook of every callback in order: call(&Callback::on_epoch_end, epoch, logs).
class CallbackList {
 public:
  /// Holds handles of its own: what a callback keeps only while it runs ends with the list, also if fit() throws.
  CallbackList(const std::vector<CallbackRef>& callbacks, TrainableModel& model, const FitParameters& params) {
    for (const auto& callback : callbacks) {
      callbacks_.emplace_back(callback->share());
      callbacks_.back()->set_model(&model);
      callbacks_.back()->set_params(params);
    }
  }
  template <class... Parameters, class... Arguments>
  void operator()(void (Callback::*hook)(Parameters...), Arguments&&... arguments) {
    for (const auto& callback : callbacks_) ((*callback).*hook)(arguments...);
  }

 private:
  std::vector<CallbackRef> callbacks_;
};

}  // namespace graft
