#include <graft/metrics/metric.hpp>

#include "metrics/evaluate.hpp"
#include "support/catch.hpp"
#include "support/config.hpp"

using namespace graft;

namespace {

saving::Json written(Metric metric) { return write_config(std::move(metric)); }
Metric read(const saving::Json& json) { return read_config<Metric>("mse", json); }

/// A user's metric: the largest error of a row.
class WorstError final : public metrics::RowMetric<WorstError, metrics::MetricOptions> {
 public:
  static constexpr std::string_view keras_names[] = {"WorstError", "worst_error"};
  static constexpr bool higher_is_better = false;
  explicit WorstError(metrics::MetricOptions options = {}) : RowMetric(std::move(options)) {}
  double value(const Row& row) const override {
    double worst = 0;
    for (std::size_t j = 0; j < row.p.size(); ++j) worst = std::max(worst, std::abs(row.p[j] - row.t[j]));
    return worst;
  }
};

}  // namespace

TEST_CASE("A metric's key is the string as given, an instance's its name", "[metrics][metric]") {
  for (const char* name : {"mse", "MSE", "MeanSquaredError", "mean_squared_error", "AUC", "accuracy", "acc", "Accuracy",
                           "bce", "Precision", "recall", "top_k_categorical_accuracy", "RootMeanSquaredError"})
    CHECK(Metric(name).name() == name);
  CHECK(Metric(metrics::MeanSquaredError()).name() == "mean_squared_error");
  CHECK(Metric(metrics::TopKCategoricalAccuracy({.k = 3, .name = "top3"})).name() == "top3");
  CHECK(Metric(metrics::AUC()).name() == "auc");
}

TEST_CASE("An unknown metric is refused with the names that there are", "[metrics][metric]") {
  for (const char* name : {"ce", "crossentropy", "no_such_metric", "Mse", ""})
    CHECK_THROWS_MATCHES(Metric(name), ArgumentError,
                         Message("Metric: there is no metric \"" + std::string(name) +
                                 "\". The names are accuracy, binary_accuracy, categorical_accuracy, "
                                 "sparse_categorical_accuracy, top_k_categorical_accuracy, "
                                 "sparse_top_k_categorical_accuracy, mean_squared_error, mean_absolute_error, "
                                 "root_mean_squared_error, categorical_crossentropy, sparse_categorical_crossentropy, "
                                 "binary_crossentropy, precision, recall, auc."));
}

TEST_CASE("Accuracies go up, errors and losses down", "[metrics][metric]") {
  for (const char* up :
       {"accuracy", "binary_accuracy", "categorical_accuracy", "sparse_categorical_accuracy",
        "top_k_categorical_accuracy", "sparse_top_k_categorical_accuracy", "precision", "recall", "auc"})
    CHECK(Metric(up).maximize());
  for (const char* down : {"mse", "mae", "root_mean_squared_error", "categorical_crossentropy",
                           "sparse_categorical_crossentropy", "binary_crossentropy"})
    CHECK_FALSE(Metric(down).maximize());
}

TEST_CASE("\"accuracy\" is the one that fits the shapes", "[metrics][metric]") {
  const Tensor<double> binary({2, 1}, {0.9, 0.2}), scores({2, 2}, {0.9, 0.1, 0.3, 0.7});
  for (const char* name : {"accuracy", "acc", "ACC", "Accuracy"}) {
    CHECK(metric_of(name, Tensor<double>({2, 1}, {1, 1}), binary) == 0.5);
    CHECK(metric_of(name, Tensor<double>({2}, {1, 0}), binary) == 1);
    CHECK(metric_of(name, Tensor<double>({2}, {0, 0}), scores) == 0.5);
    CHECK(metric_of(name, Tensor<double>({2, 1}, {0, 1}), scores) == 1);
    CHECK(metric_of(name, Tensor<double>({2, 2}, {0, 1, 0, 1}), scores) == 0.5);
  }
  CHECK_THROWS_AS(Metric("accuracy").create({None, 3}, {None, 2}), ShapeError);
}

TEST_CASE("A metric is written as Keras writes it and read back", "[metrics][metric][config]") {
  const saving::Json json = written(metrics::Precision({.thresholds = 0.25, .class_id = 2, .name = "p"}));
  CHECK(json["class_name"] == "Precision");
  CHECK(json["config"] == saving::Json{{"name", "p"}, {"thresholds", 0.25}, {"top_k", nullptr}, {"class_id", 2}});
  CHECK(written(read(json)) == json);
  for (const char* name : {"accuracy", "binary_accuracy", "mse", "sparse_top_k_categorical_accuracy", "auc",
                           "categorical_crossentropy", "sparse_categorical_crossentropy"})
    CHECK(written(read(written(name))) == written(name));
  CHECK_THROWS_AS(read({{"class_name", "AUC"}, {"config", {{"curve", "X"}}}}), ArgumentError);
  CHECK_THROWS_AS(read({{"class_name", "Recall"}, {"config", {{"thresholds", 7}}}}), ArgumentError);
  CHECK_THROWS_AS(read({{"class_name", "TopKCategoricalAccuracy"}, {"config", {{"k", 0}}}}), ArgumentError);
}

TEST_CASE("A user's metric is a class of ten lines", "[metrics][metric]") {
  CHECK(metric_of(WorstError(), Tensor<double>({2, 2}, {0, 0, 0, 0}), Tensor<double>({2, 2}, {1, -2, 4, 0})) == 3);
}
