#pragma once
#include <graft/io/hdf5.hpp>
#include <graft/saving/load_report.hpp>
#include <graft/saving/weights.hpp>

namespace graft::keras {

/// Which tensor of a Keras file goes to which weight. Nothing is assigned before commit().
template <class Scalar>
class WeightPlan {
 public:
  struct Pair {
    std::string name;  ///< "layer/kernel"
    Variable<Scalar> variable;
    std::string path;  ///< in the file
  };

  explicit WeightPlan(const io::Hdf5File& file) : file_(file) {}

  /// Plans the pairs whose shapes agree and reports the others. With `together` one that does not fit leaves out all.
  void add(const std::vector<Pair>& pairs, bool together) {
    std::vector<Pair> fitting;
    for (const Pair& pair : pairs) {
      const Shape found = file_.shape(pair.path);
      if (found == pair.variable.shape())
        fitting.push_back(pair);
      else
        report.mismatched.push_back({pair.name, pair.variable.shape(), found});
    }
    if (together && fitting.size() < pairs.size()) return;
    for (Pair& pair : fitting) {
      report.loaded.push_back(pair.name);
      pairs_.push_back(std::move(pair));
    }
  }
  /// Reads everything, then assigns: if the file fails, no weight has changed.
  void commit() const {
    std::vector<Tensor<Scalar>> values;
    for (const Pair& pair : pairs_) values.push_back(file_.read<Scalar>(pair.path));
    for (std::size_t i = 0; i < values.size(); ++i) pairs_[i].variable.assign(values[i]);
  }

  LoadReport report;

 private:
  const io::Hdf5File& file_;
  std::vector<Pair> pairs_;
};

namespace detail {

/// Throws FileError with the whole report.
[[noreturn]] inline void raise_unfit(const io::Hdf5File& file, const std::string& model, const LoadReport& report) {
  file.fail("does not fit the model '", model, "'. Nothing was loaded: ", report,
            "\nIs it the file of this architecture? .skip_mismatch = true leaves out what has another shape");
}

}  // namespace detail

}  // namespace graft::keras
