#pragma once
#include <graft/metrics/metric_function.hpp>
#include <graft/metrics/rows.hpp>
#include <span>
#include <utility>

namespace graft::metrics {

/// A metric that is the mean of a value per row.
class MeanMetric : public MetricFunction {
 public:
  /// The value of one row.
  virtual double value(const Row& row) const = 0;
  virtual Targets targets() const { return Targets::values; }
  /// Applied to the mean.
  virtual double finish(double mean) const { return mean; }
};

/// The weighted mean of a value per row: sum over samples of w v / sum of w, v being a sample's mean over its rows.
class MeanState final : public MetricState {
 public:
  explicit MeanState(std::unique_ptr<const MeanMetric> metric)
      : metric_(std::move(metric)), who_(metric_->class_name()) {}

  void reset() override { total_ = count_ = 0; }
  void update(const AnyConstView& t, const AnyConstView& p, const AnyConstView& w) override {
    double total = 0, count = 0;
    const Rows rows = each_row(who_, metric_->targets(), t, p, w, [&](const Row& row, double weight) {
      total += weight * metric_->value(row);
      count += weight;
    });
    if (rows.count() == 0) return;
    total_ += total / static_cast<double>(rows.per_sample);
    count_ += count / static_cast<double>(rows.per_sample);
  }
  double result() const override { return count_ == 0 ? 0 : metric_->finish(total_ / count_); }

 private:
  std::unique_ptr<const MeanMetric> metric_;
  std::string who_;
  double total_ = 0, count_ = 0;
};

/// Makes a MetricFunction of a class that has
///   double value(const Row& row) const override                    the value of one row; all rows are averaged
///   static constexpr std::string_view keras_names[]                class name, log name, aliases
///   static constexpr bool higher_is_better
/// and may override targets() and finish(), and hide fields() and check() below. Options holds at least name.
template <class Derived, class Options>
class RowMetric : public MeanMetric {
 public:
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
    check_targets(Derived::keras_names[0], y_true, y_pred, this->targets());
    std::unique_ptr<const MeanMetric> copy(new Derived(static_cast<const Derived&>(*this)));
    return std::make_unique<MeanState>(std::move(copy));
  }

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
