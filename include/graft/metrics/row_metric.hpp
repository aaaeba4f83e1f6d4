#pragma once
#include <graft/metrics/metric_function.hpp>
#include <graft/metrics/rows.hpp>
#include <span>
#include <utility>

namespace graft::metrics {

/// The weighted mean of a value per row: sum over samples of w v / sum of w, v being a sample's mean over its rows.
template <class Metric>
class MeanState final : public MetricState {
 public:
  explicit MeanState(Metric metric) : metric_(std::move(metric)) {}

  void reset() override { total_ = count_ = 0; }
  void update(View<const float> t, View<const float> p, View<const float> w) override { add(t, p, w); }
  void update(View<const double> t, View<const double> p, View<const double> w) override { add(t, p, w); }
  double result() const override { return count_ == 0 ? 0 : Metric::finish(total_ / count_); }

 private:
  template <class S>
  void add(View<const S> t, View<const S> p, View<const S> w) {
    check_targets(Metric::keras_names[0], t.shape, p.shape, Metric::targets);
    const Rows rows = rows_of(p.shape);
    const Index share = rows_per_weight(Metric::keras_names[0], rows, w), n = rows.count();
    if (n == 0) return;
    const Index targets = t.size() / n;
    double total = 0, count = 0;
    for (Index r = 0; r < n; ++r) {
      const double weight = w ? static_cast<double>(w.data[r / share]) : 1;
      const std::span<const S> target(t.data + r * targets, to_size(targets));
      total += weight * static_cast<double>(metric_.value(
                            target, std::span<const S>(p.data + r * rows.columns, to_size(rows.columns))));
      count += weight;
    }
    total_ += total / static_cast<double>(rows.per_sample);
    count_ += count / static_cast<double>(rows.per_sample);
  }

  Metric metric_;
  double total_ = 0, count_ = 0;
};

/// Makes a MetricFunction of a class that has, as a template on the scalar,
///   value(std::span<const S> t, std::span<const S> p) const        the value of one row; all rows are averaged
///   static constexpr std::string_view keras_names[]                class name, log name, aliases
///   static constexpr bool higher_is_better
/// and may hide targets, finish(), fields() and check() below. Options holds at least name.
template <class Derived, class Options>
class RowMetric : public MetricFunction {
 public:
  static constexpr Targets targets = Targets::values;

  explicit RowMetric(Options options) : options_(std::move(options)) {
    if (options_.name.empty()) options_.name = Derived::keras_names[1];
  }

  std::string class_name() const override { return std::string(Derived::keras_names[0]); }
  std::string name() const override { return options_.name; }
  void set_name(std::string name) override { options_.name = std::move(name); }
  bool maximize() const override { return Derived::higher_is_better; }
  const Options& options() const { return options_; }

  void config(ConfigVisitor& c) override {
    c("name", options_.name);
    static_cast<Derived&>(*this).fields(c);
    static_cast<Derived&>(*this).check();
  }
  std::unique_ptr<MetricState> create(const Shape& y_true, const Shape& y_pred) const override {
    check_targets(Derived::keras_names[0], y_true, y_pred, Derived::targets);
    return std::make_unique<MeanState<Derived>>(static_cast<const Derived&>(*this));
  }

  /// Applied to the mean.
  static double finish(double mean) { return mean; }
  void fields(ConfigVisitor&) {}
  void check() const {}

 protected:
  Options options_;
};

/// What every metric can be given.
struct MetricOptions {
  std::string name = {};  ///< empty: the class's snake_case name
};

}  // namespace graft::metrics
