#include <graft/metrics/auc.hpp>

#include "metrics/evaluate.hpp"
#include "support/catch.hpp"
#include "support/numeric.hpp"

using namespace graft;

namespace {

// Scores between thresholds 0, 1/2 and 1: above 0: two negatives (0.25, 0.75), two positives; above 1/2: one, one.
const Tensor<double> truths({4}, {0, 0, 1, 1}), scores({4, 1}, {0.25, 0.75, 0.25, 0.75});

double auc(metrics::AUCOptions options, const Tensor<double>& t = truths, const Tensor<double>& p = scores,
           const Tensor<double>& w = {}) {
  options.num_thresholds = options.num_thresholds == 200 ? 3 : options.num_thresholds;
  return metric_of(metrics::AUC(options), t, p, w);
}

}  // namespace

TEST_CASE("AUC of the ROC curve by each summation method", "[metrics][auc]") {
  // (false positive rate, recall): (1, 1), (1/2, 1/2), (0, 0)
  CHECK(auc({}) == 0.5);
  CHECK(auc({.summation_method = "minoring"}) == 0.25);
  CHECK(auc({.summation_method = "majoring"}) == 0.75);
  CHECK(auc({}, truths, Tensor<double>({4, 1}, {0.1, 0.2, 0.8, 0.9})) == 1);
  CHECK(auc({}, truths, Tensor<double>({4, 1}, {0.9, 0.8, 0.2, 0.1})) == 0);
  // 0.5 is not above the threshold 1/2: (1, 1), (0, 1/2), (0, 0)
  CHECK(auc({}, truths, Tensor<double>({4, 1}, {0, 0.5, 0.3, 0.9})) == 0.75);
}

TEST_CASE("AUC of the PR curve", "[metrics][auc]") {
  // Between the thresholds precision stays 1/2, and above the last one it is imputed: recall 1 -> 1/2 -> 0 at 1/2.
  CHECK(auc({.curve = "PR"}) == 0.5);
  // (recall, precision): (1, 1/2), (1/2, 1/2), (0, 0)
  CHECK(auc({.curve = "PR", .summation_method = "minoring"}) == 0.25);
  CHECK(auc({.curve = "PR", .summation_method = "majoring"}) == 0.5);
  // TP 2 -> 1, FP 2 -> 0: slope 1/3, intercept 2/3; ((1 + 2/3 ln 4) / 3 + 1) / 2
  CHECK_THAT(auc({.curve = "PR"}, truths, Tensor<double>({4, 1}, {0.25, 0.25, 0.25, 0.75})),
             WithinRel(((1 + 2.0 / 3 * std::log(4.0)) / 3 + 1) / 2, 1e-14));
}

TEST_CASE("AUC is the chance that a positive scores above a negative", "[metrics][auc]") {
  const auto p = random_tensor<double>({60, 1}, 1, 0, 1);
  auto t = random_tensor<double>({60, 1}, 2, 0, 1);
  for (double& v : t) v = v > 0.4 ? 1 : 0;
  double above = 0, pairs = 0;
  for (Index i = 0; i < 60; ++i)
    for (Index j = 0; j < 60; ++j)
      if (t(i, 0) == 1 && t(j, 0) == 0) {
        above += p(i, 0) > p(j, 0);
        ++pairs;
      }
  // 100001 thresholds part all 60 scores, and then the trapezoids are exact.
  CHECK_THAT(auc({.num_thresholds = 100001}, t, p), WithinAbs(above / pairs, 1e-12));
}

TEST_CASE("AUC weighs samples, reads logits and survives numbers that are none", "[metrics][auc]") {
  const Tensor<double> weights({4}, {0, 1, 0, 1});
  CHECK(auc({}, truths, scores, weights) == 0.5);
  CHECK(auc({}, truths, scores, Tensor<double>({4}, {1, 0, 0, 1})) == 1);
  CHECK(auc({.from_logits = true}, truths, Tensor<double>({4, 1}, {-9, -800, 9, 800})) == 1);
  const double nan = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();
  // The positive that is no number is above no threshold: recall 1/2 over the whole width.
  CHECK(auc({}, truths, Tensor<double>({4, 1}, {-inf, 0.1, inf, nan})) == 0.5);
  CHECK(metrics::AUC().create({None}, {None, 1})->result() == 0);
}

TEST_CASE("AUC refuses wrong options", "[metrics][auc]") {
  CHECK_THROWS_MATCHES(metrics::AUC({.num_thresholds = 1}), ArgumentError,
                       Message("AUC: num_thresholds is at least 2, got 1."));
  CHECK_THROWS_MATCHES(metrics::AUC({.curve = "roc"}), ArgumentError,
                       Message("AUC: the curve is \"ROC\" or \"PR\", got \"roc\"."));
  CHECK_THROWS_MATCHES(metrics::AUC({.summation_method = "x"}), ArgumentError,
                       Message("AUC: summation_method is \"interpolation\", \"minoring\" or \"majoring\", got \"x\"."));
  CHECK_THROWS_AS(metrics::AUC().create({None}, {None, 2}), ShapeError);
}
