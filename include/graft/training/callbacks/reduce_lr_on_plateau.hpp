#pragma once
#include <algorithm>
#include <graft/training/callback.hpp>
#include <graft/training/callbacks/monitor.hpp>
#include <graft/training/callbacks/python_number.hpp>

namespace graft::callbacks {

/// Names, order and defaults of keras.callbacks.ReduceLROnPlateau.
struct ReduceLROnPlateauOptions {
  std::string monitor = "val_loss";
  double factor = 0.1;        ///< the new learning rate is the old one times this
  int patience = 10;          ///< epochs without improvement before it is reduced
  int verbose = 0;            ///< 1 says when it is reduced
  std::string mode = "auto";  ///< "min", "max", or "auto": as the monitored loss or metric wants it
  double min_delta = 1e-4;    ///< a change of no more than this is no improvement
  int cooldown = 0;           ///< epochs after a reduction in which none is counted
  double min_lr = 0;          ///< the learning rate does not fall below
};

/// Reduces the learning rate when the monitored value has not improved for `patience` epochs. Logs "learning_rate", the
/// one that the epoch was trained with. Throws ArgumentError if factor is not in [0, 1), for an unknown mode, and from
/// fit() if "auto" does not know the direction. Source: keras/src/callbacks/reduce_lr_on_plateau.py.
class ReduceLROnPlateau final : public Callback {
 public:
  explicit ReduceLROnPlateau(ReduceLROnPlateauOptions options = {})
      : state_(std::make_shared<State>(
            State{options, detail::Monitor("ReduceLROnPlateau", options.monitor, options.mode, options.min_delta)})) {
    if (!(options.factor >= 0 && options.factor < 1))
      raise<ArgumentError>("ReduceLROnPlateau: factor is at least 0 and below 1, got ", options.factor, ".");
  }
  std::shared_ptr<Callback> share() const override { return std::make_shared<ReduceLROnPlateau>(*this); }

  void on_train_begin(Logs&) override {
    State& s = *state_;
    s.monitor.start(model());
    s.best.reset();
    s.wait = s.cooling = 0;
  }

  void on_epoch_end(int epoch, Logs& logs) override {
    State& s = *state_;
    logs["learning_rate"] = model().optimizer().learning_rate();
    const auto value = s.monitor.value(logs, "the learning rate is not reduced");
    if (!value) return;
    if (s.cooling > 0) {
      --s.cooling;
      s.wait = 0;
    }
    if (s.monitor.improves(*value, s.best)) {
      s.best = value;
      s.wait = 0;
    } else if (s.cooling == 0 && ++s.wait >= s.options.patience) {
      reduce(epoch);
    }
  }

 private:
  struct State {
    ReduceLROnPlateauOptions options;
    detail::Monitor monitor;
    std::optional<double> best = {};
    int wait = 0, cooling = 0;
  };

  void reduce(int epoch) {
    State& s = *state_;
    const double old = model().optimizer().learning_rate();
    if (old <= s.options.min_lr) return;
    const double rate = std::max(old * s.options.factor, s.options.min_lr);
    model().optimizer().set_learning_rate(rate);
    s.cooling = s.options.cooldown;
    s.wait = 0;
    if (s.options.verbose > 0)
      detail::print("\nEpoch ", epoch + 1, ": ReduceLROnPlateau reducing learning rate to ",
                    detail::python_number(rate), ".");
  }

  std::shared_ptr<State> state_;
};

}  // namespace graft::callbacks
