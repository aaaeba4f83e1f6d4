#pragma once
#include <graft/losses/loss.hpp>
#include <graft/metrics/metric.hpp>
#include <graft/optimizers/optimizer.hpp>
#include <graft/training/per_output.hpp>

namespace graft {

/// The metrics of every output: a list (for a model with one output; with several, one entry for each), or lists by
/// output name.
class Metrics {
 public:
  Metrics() = default;
  Metrics(std::initializer_list<Metric> list) : flat_(list) {}
  Metrics(std::vector<Metric> list) : flat_(std::move(list)) {}
  Metrics(std::initializer_list<std::pair<const std::string, std::vector<Metric>>> map) : lists_(map) {}
  Metrics(std::map<std::string, std::vector<Metric>> map) : lists_(std::move(map)) {}

  bool empty() const { return flat_.empty() && lists_.empty(); }
  std::vector<Metric> at(std::size_t i, const std::vector<std::string>& outputs, const char* what) const {
    if (!lists_.empty()) return lists_.at(i, outputs, what, {});
    if (outputs.size() == 1 || flat_.empty()) return flat_;
    return {PerOutput<Metric>(flat_).at(i, outputs, what, flat_.front())};
  }

 private:
  std::vector<Metric> flat_;
  PerOutput<std::vector<Metric>> lists_;
};

/// Arguments of compile(): Keras's names, order and defaults.
struct CompileOptions {
  Optimizer optimizer = "rmsprop";
  PerOutput<Loss> loss = {};
  PerOutput<double> loss_weights = {};
  Metrics metrics = {};
  Metrics weighted_metrics = {};
};

}  // namespace graft
