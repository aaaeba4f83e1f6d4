#pragma once
#include <graft/core/shape.hpp>
#include <ostream>
#include <string>
#include <vector>

namespace graft {

/// What load_weights() did, or would do, tensor by tensor.
struct LoadReport {
  struct Mismatch {
    std::string name;
    Shape expected, found;
  };
  std::vector<std::string> loaded;
  std::vector<std::string> missing;     ///< in the model, not in the file
  std::vector<std::string> unexpected;  ///< in the file, not in the model
  std::vector<Mismatch> mismatched;     ///< of another shape

  bool complete() const { return missing.empty() && unexpected.empty() && mismatched.empty(); }

  /// A count, then a line for every fault.
  friend std::ostream& operator<<(std::ostream& out, const LoadReport& report) {
    out << report.loaded.size() << " matched, " << report.missing.size() << " missing, " << report.unexpected.size()
        << " unexpected, " << report.mismatched.size() << " of another shape";
    for (const auto& name : report.missing) out << "\n  missing in the file: " << name;
    for (const auto& name : report.unexpected) out << "\n  not in the model: " << name;
    for (const auto& [name, expected, found] : report.mismatched)
      out << "\n  another shape: " << name << ", the model has " << expected << ", the file " << found;
    return out;
  }
};

/// How strict load_weights() is.
struct LoadWeightsOptions {
  bool skip_mismatch = false;  ///< leave weights as they are whose shape in the file differs
  bool by_name = false;        ///< load what has a name in both, ignore what is missing and what is unexpected
};

}  // namespace graft
