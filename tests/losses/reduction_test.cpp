#include <graft/core/tensor.hpp>
#include <graft/losses/reduction.hpp>

#include "support/catch.hpp"

using namespace graft;
using losses::Reduction;

namespace {

const Tensor<double> values({4}, {1, 2, 3, 10});
const Tensor<double> weights({4}, {0.5, 0, 2, 1});

double reduced(Reduction reduction, const Tensor<double>& l, const Tensor<double>& w = {}) {
  return losses::reduce(l.view(), w.empty() ? AnyConstView() : AnyConstView(w.view()), reduction);
}

}  // namespace

TEST_CASE("Reductions are Keras's: a weighted mean divides by the count, not by the weights", "[losses][reduction]") {
  CHECK(reduced("sum_over_batch_size", values) == 4);
  CHECK(reduced("sum", values) == 16);
  CHECK(reduced("none", values) == 16);
  CHECK(reduced("mean_with_sample_weight", values) == 4);
  CHECK(reduced("sum_over_batch_size", values, weights) == 16.5 / 4);
  CHECK(reduced("sum", values, weights) == 16.5);
  CHECK(reduced("mean_with_sample_weight", values, weights) == 16.5 / 3.5);
}

TEST_CASE("A weight per sample counts for all of a sample's losses", "[losses][reduction]") {
  const Tensor<double> l({2, 3}, {1, 2, 3, 4, 5, 6});
  for (const Shape& shape : {Shape{2}, Shape{2, 1}}) {
    const Tensor<double> w = Tensor<double>({2}, {2, 1}).reshape(shape);
    CHECK(reduced("sum", l, w) == 27);
    CHECK(reduced("sum_over_batch_size", l, w) == 4.5);
    CHECK(reduced("mean_with_sample_weight", l, w) == 9);
  }
  CHECK(reduced("sum", l, Tensor<double>({2, 3}, {1, 0, 0, 0, 0, 1})) == 7);
}

TEST_CASE("Weights that sum to 0, and no losses at all, give 0 and not NaN", "[losses][reduction]") {
  CHECK(reduced("mean_with_sample_weight", values, Tensor<double>({4}, {0, 0, 0, 0})) == 0);
  CHECK(reduced("sum_over_batch_size", Tensor<double>(Shape{0})) == 0);
  CHECK(reduced("sum_over_batch_size", Tensor<double>(Shape{0}), Tensor<double>(Shape{0})) == 0);
}

TEST_CASE("reduce_gradient is the derivative of reduce", "[losses][reduction][gradient]") {
  const char* name = GENERATE("sum_over_batch_size", "sum", "none", "mean_with_sample_weight");
  const bool weighted = GENERATE(false, true);
  const Tensor<double> w = weighted ? weights : Tensor<double>();
  Tensor<double> gradient(Shape{4});
  losses::reduce_gradient(weighted ? AnyConstView(w.view()) : AnyConstView(), name, gradient.view());
  for (Index i = 0; i < 4; ++i) {
    Tensor<double> moved = values;
    moved(i) += 1;
    // Linear, so the difference is the derivative up to rounding.
    CHECK_THAT(gradient(i), WithinAbs(reduced(name, moved, w) - reduced(name, values, w), 1e-14));
  }
}

TEST_CASE("Reductions are compared and named as Keras does", "[losses][reduction]") {
  CHECK(Reduction().str() == "sum_over_batch_size");
  CHECK(Reduction("mean") == Reduction::sum_over_batch_size);
  CHECK(Reduction(std::string("none")) == Reduction::none);
  CHECK(Reduction(Reduction::mean_with_sample_weight).str() == "mean_with_sample_weight");
  CHECK_THROWS_MATCHES(Reduction("average"), ArgumentError,
                       Message("Loss: reduction is one of \"sum_over_batch_size\", \"sum\", \"none\", "
                               "\"mean_with_sample_weight\", got \"average\"."));
}

TEST_CASE("Weights of a wrong shape are refused", "[losses][reduction]") {
  const Tensor<double> l({2, 3}, {1, 2, 3, 4, 5, 6});
  for (const Shape& shape : {Shape{3}, Shape{2, 2}, Shape{3, 2}, Shape{1, 3}, Shape{2, 3, 2}}) {
    INFO(shape);
    CHECK_THROWS_MATCHES(reduced("sum", l, Tensor<double>(shape)), ShapeError,
                         Message("Loss: a sample weight of shape " + shape.str() +
                                 " does not fit losses of shape (2, 3). Give one weight per sample, or one per loss."));
  }
}

TEST_CASE("masked_weights leave out rows and keep the mean of the others", "[losses][reduction]") {
  const Tensor<double> labels({4}, {0, -1, 2, -1}), w({4}, {1, 2, 3, 4});
  using Weights = std::vector<double>;
  const auto masked = [&](const AnyConstView& weights, losses::Reduction reduction) {
    const auto made = losses::masked_weights(weights, labels.view(), -1, {4}, reduction);
    return Weights(made.data(), made.data() + made.size());
  };
  CHECK(masked({}, "sum_over_batch_size") == Weights{2, 0, 2, 0});
  CHECK(masked(w.view(), "sum_over_batch_size") == Weights{2, 0, 6, 0});
  CHECK(masked(w.view(), "sum") == Weights{1, 0, 3, 0});
  CHECK(masked(w.view(), "mean_with_sample_weight") == Weights{1, 0, 3, 0});
  CHECK(losses::masked_weights({}, labels.view(), 5, {2, 2}, "sum").array().isOnes(0));
  // A weight per sample stands for all rows of the sample.
  const auto rows = losses::masked_weights(Tensor<double>({2}, {3, 5}).view(), labels.view(), -1, {2, 2}, "sum");
  CHECK(Weights(rows.data(), rows.data() + 4) == Weights{3, 0, 5, 0});
}
