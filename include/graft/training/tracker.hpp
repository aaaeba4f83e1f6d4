#pragma once
#include <graft/training/logs.hpp>
#include <graft/training/network.hpp>

namespace graft {

/// The numbers of an epoch while it runs: losses as means weighted by batch size, metrics summed by their states. Names
/// as in Keras: "loss", with several outputs "<output>_loss" and "<output>_<metric>".
template <class Scalar>
class Tracker {
 public:
  explicit Tracker(const std::vector<Head>& heads) : heads_(heads) {
    const auto with_loss = std::count_if(heads.begin(), heads.end(), [](const Head& h) { return bool(h.function); });
    if (with_loss > 1)
      for (std::size_t i = 0; i < heads.size(); ++i)
        if (heads[i].function) losses_.push_back({i, heads[i].name + "_loss", 0});
    for (const bool weighted : {false, true})
      for (std::size_t i = 0; i < heads.size(); ++i)
        for (const Metric& metric : weighted ? heads[i].weighted_metrics : heads[i].metrics)
          add_metric(i, metric, weighted);
  }

  void reset() {
    samples_ = total_ = 0;
    for (auto& loss : losses_) loss.total = 0;
    for (auto& metric : metrics_)
      if (metric.state) metric.state->reset();
  }
  /// Losses of one batch of n samples: the whole one, and one per head.
  void add_losses(double whole, const std::vector<double>& per_head, Index n) {
    const auto size = static_cast<double>(n);
    samples_ += size;
    total_ += whole * size;
    for (auto& loss : losses_) loss.total += per_head[loss.head] * size;
  }
  /// Predictions of head i, and its logits where it has some; `weights` may be null.
  void add_predictions(std::size_t i, View<const Scalar> y_true, View<const Scalar> predictions,
                       View<const Scalar> logits, View<const Scalar> weights) {
    for (auto& metric : metrics_) {
      if (metric.head != i) continue;
      const View<const Scalar>& y_pred = metric.reads_logits ? logits : predictions;
      if (!metric.state) metric.state = metric.metric.create(y_true.shape, y_pred.shape);
      metric.state->update(y_true, y_pred, metric.weighted ? weights : View<const Scalar>{});
    }
  }
  Logs logs() const {
    Logs logs;
    logs["loss"] = samples_ > 0 ? total_ / samples_ : 0;
    for (const auto& loss : losses_) logs[loss.name] = samples_ > 0 ? loss.total / samples_ : 0;
    for (const auto& metric : metrics_) logs[metric.name] = metric.state ? metric.state->result() : 0;
    return logs;
  }
  /// Whether more is better, by log name without "val_"; nothing for an unknown name.
  std::optional<bool> maximizes(const std::string& name) const {
    if (name == "loss") return false;
    for (const auto& loss : losses_)
      if (loss.name == name) return false;
    for (const auto& metric : metrics_)
      if (metric.name == name) return metric.metric.maximize();
    return std::nullopt;
  }

 private:
  struct LossMean {
    std::size_t head;
    std::string name;
    double total;
  };
  struct MetricEntry {
    std::size_t head;
    std::string name;
    Metric metric;
    bool reads_logits, weighted;
    std::unique_ptr<metrics::MetricState> state;
  };

  void add_metric(std::size_t head, const Metric& metric, bool weighted) {
    const auto on_logits = metric.on_logits(heads_[head].activation);
    metrics_.push_back({head, unique_name(heads_[head].name, metric.name(), weighted), on_logits.value_or(metric),
                        on_logits.has_value(), weighted, nullptr});
  }
  // Source: CompileMetrics.result in keras/src/trainers/compile_utils.py.
  std::string unique_name(const std::string& output, const std::string& metric, bool weighted) {
    const std::string prefix = heads_.size() > 1 ? output + "_" : "";
    if (weighted && counts_.contains(prefix + metric)) return unique_name(output, "weighted_" + metric, false);
    const std::string name = prefix + metric;
    const int n = counts_[name]++;
    return n == 0 ? name : name + "_" + std::to_string(n);
  }

  const std::vector<Head>& heads_;
  double samples_ = 0, total_ = 0;
  std::vector<LossMean> losses_;
  std::vector<MetricEntry> metrics_;
  std::map<std::string, int> counts_;
};

}  // namespace graft
