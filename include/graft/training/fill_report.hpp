#pragma once
#include <graft/training/progress_line.hpp>
#include <memory>

namespace graft {

/// Tells how far the computation of the frozen part is: a bar on a terminal, one line in a pipe.
class FillReport {
 public:
  explicit FillReport(int verbose) : verbose_(verbose) {}

  void operator()(Index done, Index total) {
    if (!line_)
      line_ = std::make_shared<ProgressLine>(
          "Frozen layers, computed once", ProgressLineOptions{.total = total, .unit = "samples", .verbose = verbose_});
    line_->update(done);
    if (done == total) line_.reset();
  }

 private:
  int verbose_;
  std::shared_ptr<ProgressLine> line_;
};

}  // namespace graft
