#pragma once
#include <graft/core/index.hpp>

namespace graft {

/// Tells how far the computation of the frozen part is.
class FillReport {
 public:
  explicit FillReport(int verbose) : verbose_(verbose) {}
  void operator()(Index, Index) const {}

 private:
  int verbose_;
};

}  // namespace graft
