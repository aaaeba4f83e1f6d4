#pragma once
#include <graft/testing/layer_run.hpp>

namespace graft::testing {

struct CheckGradientsOptions {
  double step = 1e-5;      ///< h of the central difference (f(v + h) - f(v - h)) / 2h
  bool training = false;   ///< the mode the layer runs in
  std::uint64_t seed = 1;  ///< of the projection and of the layer's own randomness, which is the same in every call
};

/// How far backward() is from central differences.
struct GradientReport {
  /// Largest |computed - expected| / norm over all entries of all gradients. The norm is that of the entry's tensor,
  /// but at least a thousandth of the norm of all: the bias before a BatchNormalization has no gradient but rounding.
  double max_relative_error = 0;
  std::string worst_tensor = {};  ///< "x0", "x1", .. for the inputs, else the variable's name
  Index worst_entry = -1;
  double computed = 0, expected = 0;  ///< of the worst entry: by backward(), by central difference

  friend std::ostream& operator<<(std::ostream& out, const GradientReport& r) {
    return out << "max relative error " << r.max_relative_error << " at " << r.worst_tensor << "[" << r.worst_entry
               << "]: computed " << r.computed << ", expected " << r.expected;
  }
};

namespace detail {

/// f = sum(y * projection) + the mean of each penalty, as differences: entries that a variable does not touch cancel
/// exactly.
struct ProjectedLoss {
  LayerRun<double>& run;
  std::vector<Tensor<double>> projection = {};

  std::vector<Tensor<double>> evaluate() const {
    auto values = run.forward();
    for (auto& penalty : run.penalties()) values.push_back(std::move(penalty));
    return values;
  }
  double difference(const std::vector<Tensor<double>>& a, const std::vector<Tensor<double>>& b) const {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) sum += ((a[i].array() - b[i].array()) * projection[i].array()).sum();
    return sum;
  }
  /// By central differences; the variable is put back.
  Tensor<double> gradient(const Variable<double>& variable, double h) const {
    Tensor<double> gradient(variable.shape());
    for (Index i = 0; i < variable.size(); ++i) {
      const double kept = variable.data()[i];
      const auto at = [&](double value) {
        variable.update([&](View<double> v) { v.data[i] = value; });
        return evaluate();
      };
      const auto above = at(kept + h), below = at(kept - h);
      gradient.data()[i] = difference(above, below) / (2 * h);
      variable.update([&](View<double> v) { v.data[i] = kept; });
    }
    return gradient;
  }
};

inline std::vector<Tensor<double>> random_projection(const std::vector<Tensor<double>>& y,
                                                     const std::vector<Tensor<double>>& penalties, std::uint64_t seed) {
  std::vector<Tensor<double>> projection;
  for (const auto& tensor : y) {
    const RandomStream stream = RandomStream(seed).split(projection.size());
    Tensor<double> r(tensor.shape());
    for (Index i = 0; i < r.size(); ++i) r.data()[i] = stream.uniform(static_cast<std::uint64_t>(i), -1, 1);
    projection.push_back(std::move(r));
  }
  for (const auto& penalty : penalties) {
    Tensor<double> mean(penalty.shape());
    mean.array() = 1 / static_cast<double>(penalty.size());
    projection.push_back(std::move(mean));
  }
  return projection;
}

}  // namespace detail

/// Compares the layer's gradients, of every input and of every variable that learns, with central differences of
/// sum(y * random projection). Works for layers of the library and for your own; two calls per entry, so keep x small
/// and away from kinks (a relu at 0). About 1e-9 is a right gradient at the default step: rounding is 1e-16 / h = 1e-11
/// and truncation h^2 = 1e-10, times the function's steepness. Leaves all weights as they were.
inline GradientReport check_gradients(const Layer<double>& layer, const std::vector<Tensor<double>>& x,
                                      CheckGradientsOptions options = {}) {
  LayerRun<double> run(layer, x, {.training = options.training, .run = {.seed = options.seed}});
  const auto before = layer.get_weights();
  const auto y = run.forward();
  detail::ProjectedLoss loss{run, detail::random_projection(y, run.penalties(), options.seed)};
  run.backward(loss.projection);
  std::vector<Tensor<double>> computed, expected;
  for (const auto& variable : run.learning()) computed.push_back(run.gradient(variable));
  for (const auto& variable : run.learning()) expected.push_back(loss.gradient(variable, options.step));
  layer.set_weights(before);

  double whole = 0;
  for (const auto& gradient : expected) whole = std::hypot(whole, gradient.array().matrix().norm());
  GradientReport report;
  for (std::size_t t = 0; t < computed.size(); ++t) {
    const double norm = std::max({expected[t].array().matrix().norm(), 1e-3 * whole, 1e-300});
    for (Index i = 0; i < computed[t].size(); ++i) {
      const double error = std::abs(computed[t].data()[i] - expected[t].data()[i]) / norm;
      if (error <= report.max_relative_error || std::isnan(report.max_relative_error)) continue;
      report = {error, run.learning()[t].name(), i, computed[t].data()[i], expected[t].data()[i]};
    }
  }
  return report;
}
inline GradientReport check_gradients(const Layer<double>& layer, const Tensor<double>& x,
                                      CheckGradientsOptions options = {}) {
  return check_gradients(layer, std::vector<Tensor<double>>{x}, options);
}

}  // namespace graft::testing
