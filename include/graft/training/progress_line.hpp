#pragma once
#include <graft/training/progress_text.hpp>
#include <graft/training/verbose.hpp>
#include <iostream>
#include <limits>
#include <utility>

namespace graft {

struct ProgressLineOptions {
  Index total = 0;
  std::string unit = "steps";
  Verbose verbose = "auto";        ///< 0: nothing, 1: a bar, 2: one line when all is done
  std::ostream* out = &std::cout;  ///< has to live as long as the line
  Clock clock = steady_seconds;
};

/// Shows long work outside of epochs: "Reading: 120/244 photos" with a bar and the time left, or, where standard output
/// is no terminal, one line when it is done. To be used from one thread.
///     ProgressLine line("Reading", {.total = 244, .unit = "photos"});
///     for (..) line.update(photos_read);
class ProgressLine {
 public:
  explicit ProgressLine(std::string what, ProgressLineOptions options)
      : what_(std::move(what)),
        options_(std::move(options)),
        verbose_(options_.verbose.resolve()),
        start_(options_.clock()) {}
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;
  /// Ends the line of a bar that did not reach the total, so that an error's message starts on its own.
  ~ProgressLine() {
    if (width_ > 0 && done_ < options_.total) *options_.out << std::endl;
  }

  /// `done` of the total are ready. Draws at most every 0.05 s, and the last time when all are.
  void update(Index done) {
    if (verbose_ == 0 || done_ >= options_.total) return;
    done_ = done;
    const double now = options_.clock();
    const bool finished = done_ >= options_.total;
    if (verbose_ == 2 && finished) *options_.out << text() << " - " << elapsed(now) << std::endl;
    if (verbose_ != 1 || (!finished && now - last_drawn_ < progress::redraw_interval)) return;
    last_drawn_ = now;
    const double left =
        (now - start_) / static_cast<double>(std::max<Index>(done_, 1)) * static_cast<double>(options_.total - done_);
    const std::string time = finished ? elapsed(now) : progress::remaining(left);
    const std::string bar = progress::bar(done_, options_.total);
    *options_.out << progress::redraw(text() + " " + bar + " " + progress::bold(time), width_);
    *options_.out << (finished ? "\n" : "") << std::flush;
  }

 private:
  std::string text() const { return what_ + ": " + progress::count(done_, options_.total) + " " + options_.unit; }
  std::string elapsed(double now) const { return progress::rounded(now - start_) + "s"; }

  std::string what_;
  ProgressLineOptions options_;
  int verbose_;
  double start_;
  double last_drawn_ = -std::numeric_limits<double>::infinity();
  Index done_ = 0;
  std::size_t width_ = 0;
};

}  // namespace graft
