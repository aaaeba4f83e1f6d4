#pragma once
#include <cmath>
#include <graft/training/callback.hpp>
#include <graft/training/callbacks/console.hpp>
#include <graft/training/callbacks/python_number.hpp>

namespace graft::callbacks {

struct TerminateOnNaNOptions {
  bool raise_error = false;  ///< throws graft::Error out of fit() at once, so that no on_train_end() runs
};

/// Ends fit() after the batch at which the running mean of the loss is NaN or infinite, and says so.
/// Source: keras/src/callbacks/terminate_on_nan.py.
class TerminateOnNaN final : public Callback {
 public:
  explicit TerminateOnNaN(TerminateOnNaNOptions options = {}) : options_(options) {}
  std::shared_ptr<Callback> share() const override { return std::make_shared<TerminateOnNaN>(*this); }

  void on_train_batch_end(Index batch, Logs& logs) override {
    const auto loss = logs.find("loss");
    if (loss == logs.end() || std::isfinite(loss->second)) return;
    if (options_.raise_error)
      raise<Error>("TerminateOnNaN: the loss of Model '", model().name(), "' is ", detail::python_number(loss->second),
                   " after batch ", batch,
                   ", counted from 0. Try a smaller learning rate, or look for bad values in the data.");
    detail::print("Batch ", batch, ": Invalid loss, terminating training");
    model().stop_training() = true;
  }

 private:
  TerminateOnNaNOptions options_;  // all it has: copies need to share nothing
};

}  // namespace graft::callbacks
