#pragma once
#include <algorithm>
#include <graft/training/logs.hpp>
#include <graft/training/progress_text.hpp>
#include <iostream>
#include <limits>
#include <optional>
#include <utility>

namespace graft::progress {

/// A bar that is drawn over itself (verbose 1), or one line at the end (verbose 2), for work of `target` steps, or None
/// where nobody knows how many. Writes the bytes that Keras's utils.Progbar writes to a terminal.
class Meter {
 public:
  /// `out` has to live as long as the meter.
  Meter(Index target, int verbose, std::ostream& out, Clock clock)
      : target_(target), verbose_(verbose), out_(&out), clock_(std::move(clock)), start_(clock_()) {}

  void set_target(Index target) { target_ = target; }

  /// Values for the next drawing. Names are written in the order in which they first came.
  void show(const Logs& values) {
    for (const auto& [name, value] : values) {
      const auto known =
          std::find_if(values_.begin(), values_.end(), [&name = name](const auto& v) { return v.first == name; });
      if (known == values_.end())
        values_.emplace_back(name, value);
      else
        known->second = value;
    }
  }
  /// `seen` steps are done, with these values now. Draws at most every 0.05 s.
  void update(Index seen, const Logs& values) {
    const double now = look(seen);
    show(values);
    if (verbose_ != 1 || now - last_drawn_ < redraw_interval) return;
    last_drawn_ = now;
    *out_ << redraw(line(now, false), width_) << std::flush;
  }
  /// The last update; ends the line.
  void finish(Index seen, const Logs& values) {
    const double now = look(seen);
    show(values);
    if (verbose_ == 1) *out_ << redraw(line(now, true), width_) << std::endl;
    if (verbose_ == 2 && target_ > 0)
      *out_ << count(seen_, target_) << " - " << elapsed(now) << " - " << pace() << metrics() << std::endl;
  }

 private:
  double look(Index seen) {
    const double now = clock_();
    seen_ = seen;
    // The first step allocates, so it counts only until there is another.
    const bool leave_out = after_first_step_ && seen > 1;
    const double since = leave_out ? *after_first_step_ : start_;
    step_seconds_ = seen == 0 ? 0 : (now - since) / static_cast<double>(seen - (leave_out ? 1 : 0));
    if (seen == 1) after_first_step_ = now;
    return now;
  }

  std::string elapsed(double now) const { return rounded(now - start_) + "s"; }
  std::string pace() const { return time_per_step(step_seconds_); }
  std::string metrics() const {
    std::string text;
    for (const auto& [name, value] : values_) text += " - " + name + ": " + metric(value, verbose_);
    return text;
  }
  std::string line(double now, bool finished) const {
    if (target_ <= 0) return unknown_count(seen_) + " " + bold(elapsed(now)) + " " + pace() + metrics();
    const double left = step_seconds_ * static_cast<double>(target_ - seen_);
    return bold(count(seen_, target_)) + " " + bar(seen_, target_) + " " +
           bold(finished ? elapsed(now) : remaining(left)) + " " + pace() + metrics();
  }

  Index target_;
  int verbose_;
  std::ostream* out_;
  Clock clock_;
  double start_;
  double last_drawn_ = -std::numeric_limits<double>::infinity();
  double step_seconds_ = 0;
  std::optional<double> after_first_step_;
  Index seen_ = 0;
  std::size_t width_ = 0;  ///< columns of what stands on the line now
  std::vector<std::pair<std::string, double>> values_;
};

}  // namespace graft::progress
