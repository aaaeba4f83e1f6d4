#pragma once
#include <span>

namespace graft {

/// A row of predictions with its targets, in double whatever the model computes in.
struct Row {
  std::span<const double> t;  ///< targets: as many as predictions, or one class index
  std::span<const double> p;  ///< predictions
  bool single = false;        ///< they were computed in float
  bool binary = false;        ///< all targets of the batch are 0 or 1

  /// A constant as the model's scalar holds it: what predictions have to be compared with.
  double rounded(double x) const { return single ? static_cast<double>(static_cast<float>(x)) : x; }
};

}  // namespace graft
