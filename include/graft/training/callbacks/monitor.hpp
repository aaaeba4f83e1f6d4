#pragma once
#include <cmath>
#include <graft/training/callbacks/console.hpp>
#include <graft/training/trainable_model.hpp>
#include <optional>
#include <string>

namespace graft::callbacks::detail {

/// A logged value that a callback follows, and what makes one value of it better than another. Source: Keras's
/// callbacks/monitor_callback.py.
class Monitor {
 public:
  /// mode: "min", "max", or "auto" to ask the model. `callback` is the name in messages. Throws ArgumentError for
  /// another mode.
  Monitor(std::string callback, std::string name, std::string mode, double min_delta = 0)
      : callback_(std::move(callback)),
        name_(std::move(name)),
        mode_(std::move(mode)),
        min_delta_(std::abs(min_delta)) {
    if (mode_ != "auto" && mode_ != "min" && mode_ != "max")
      raise<ArgumentError>(callback_, ": mode is \"auto\", \"min\" or \"max\", got \"", mode_, "\".");
  }

  const std::string& name() const { return name_; }

  /// A new training: settles the direction. Throws ArgumentError if it is "auto" and the model doesn't know the name.
  void start(const TrainableModel& model) {
    warned_ = false;
    if (mode_ != "auto") return void(up_ = mode_ == "max");
    const auto up = model.maximizes(name_);
    if (!up)
      raise<ArgumentError>(callback_, ": monitor = \"", name_, "\" is no loss or metric that Model '", model.name(),
                           "' was compiled with, so it is unknown if larger values are better. Give mode = \"max\" or "
                           "mode = \"min\", or correct the name.");
    up_ = *up;
  }

  /// The value of now; nothing where the logs lack it.
  std::optional<double> find(const Logs& logs) const {
    const auto found = logs.find(name_);
    return found == logs.end() ? std::nullopt : std::optional(found->second);
  }
  /// The same, with one warning per training that says the consequence.
  std::optional<double> value(const Logs& logs, const char* consequence) {
    const auto found = find(logs);
    if (!found && !warned_)
      warn(callback_, ": '", name_, "' is not logged, so ", consequence, ". What is logged: ", names(logs), ".",
           name_.starts_with("val_") ? " Names with val_ need validation data." : "");
    warned_ = warned_ || !found;
    return found;
  }

  /// Better than the reference by more than min_delta. Anything, NaN too, improves on no reference; NaN improves on no
  /// number, and nothing improves on NaN.
  bool improves(double value, const std::optional<double>& reference) const {
    if (!reference) return true;
    return up_ ? value - min_delta_ > *reference : value + min_delta_ < *reference;
  }

 private:
  std::string callback_, name_, mode_;
  double min_delta_;
  bool up_ = false;
  bool warned_ = false;
};

}  // namespace graft::callbacks::detail
