#include <graft/losses/row_loss.hpp>

#include "losses/evaluate.hpp"
#include "support/catch.hpp"
#include "support/numeric.hpp"

using namespace graft;

namespace {

struct Case {
  const char* name;
  Loss loss;
  double low, high;  // of predictions
  enum { values, probabilities, labels, signs, one_hot } targets;
};

std::vector<Case> all_losses() {
  using namespace losses;
  return {{"categorical", CategoricalCrossentropy({.label_smoothing = 0.1}), 0.1, 0.9, Case::probabilities},
          {"categorical logits", CategoricalCrossentropy({.from_logits = true}), -3, 3, Case::probabilities},
          {"sparse", SparseCategoricalCrossentropy(), 0.1, 0.9, Case::labels},
          {"sparse logits", SparseCategoricalCrossentropy({.from_logits = true}), -3, 3, Case::labels},
          {"sparse ignoring", SparseCategoricalCrossentropy({.ignore_class = 1}), 0.1, 0.9, Case::labels},
          {"binary", BinaryCrossentropy({.label_smoothing = 0.1}), 0.1, 0.9, Case::probabilities},
          {"binary logits", BinaryCrossentropy({.from_logits = true}), -3, 3, Case::probabilities},
          {"mse", "mse", -1, 1, Case::values},
          {"mae", "mae", 2, 3, Case::values},
          {"mape", "mape", 2, 3, Case::values},
          {"msle", "msle", 0.1, 1, Case::probabilities},
          {"huber inside", Huber({.delta = 3}), -1, 1, Case::values},
          {"huber outside", Huber({.delta = 0.5}), 2, 3, Case::values},
          {"log_cosh", "log_cosh", -2, 2, Case::values},
          {"kld", "kld", 0.1, 0.9, Case::probabilities},
          {"poisson", "poisson", 0.1, 2, Case::probabilities},
          {"cosine", "cosine_similarity", -1, 1, Case::values},
          {"hinge", "hinge", -0.9, 0.9, Case::signs},
          {"squared hinge", "squared_hinge", -2, 2, Case::signs},
          {"categorical hinge", "categorical_hinge", 0, 0.9, Case::one_hot}};
}

template <class S>
Tensor<S> targets(const Case& c, Index rows, Index columns) {
  if (c.targets == Case::labels) {
    Tensor<S> t(Shape{rows});
    for (Index i = 0; i < rows; ++i) t(i) = static_cast<S>(i % columns);
    return t;
  }
  auto t = random_tensor<S>({rows, columns}, 5, c.targets == Case::values ? -1 : 0.05, 1);
  if (c.targets == Case::signs)
    for (S& v : t) v = v > S(0.5) ? S(1) : S(-1);
  if (c.targets == Case::one_hot)
    for (Index i = 0; i < t.size(); ++i) t.data()[i] = static_cast<S>(i / columns % columns == i % columns);
  return t;
}

}  // namespace

TEST_CASE("Every loss's gradient equals central differences", "[losses][gradient]") {
  for (const Case& c : all_losses()) {
    INFO(c.name);
    const auto t = targets<double>(c, 5, 4);
    auto p = random_tensor<double>({5, 4}, 6, c.low, c.high);
    const auto dloss = random_tensor<double>({5}, 7, 0.5, 2);
    const auto numeric = numeric_gradient(p, [&] { return dot(losses_of(c.loss, t, p), dloss); });
    // Truncation is h^2 / 6 times the third derivative, at most 2 / 0.1^3 against a slope of 10: 3e-9.
    CHECK(relative_error(gradient_of(c.loss, t, p, dloss), numeric) < 1e-7);
  }
}

TEST_CASE("float and double losses agree to float's precision", "[losses]") {
  for (const Case& c : all_losses()) {
    INFO(c.name);
    const auto t = targets<float>(c, 5, 4);
    const auto p = random_tensor<float>({5, 4}, 6, c.low, c.high);
    const auto td = t.cast<double>(), pd = p.cast<double>();
    // 40 roundings of 6e-8: no row is a difference of much larger numbers.
    CHECK((losses_of(c.loss, t, p).cast<double>().array() - losses_of(c.loss, td, pd).array()).abs().maxCoeff() <
          2.5e-6 * std::max(1.0, losses_of(c.loss, td, pd).array().abs().maxCoeff()));
    CHECK(relative_error(gradient_of(c.loss, t, p).cast<double>(), gradient_of(c.loss, td, pd)) < 2.5e-6);
  }
}

TEST_CASE("A row's loss has the same bits alone, in a batch and on any number of threads", "[losses][bits]") {
  for (const Case& c : all_losses()) {
    INFO(c.name);
    const Index rows = 3000, columns = 4;  // three blocks
    const auto t = targets<float>(c, rows, columns);
    const auto p = random_tensor<float>({rows, columns}, 6, c.low, c.high);
    CHECK(same_bits_on_any_threads([&] { return losses_of(c.loss, t, p); }));
    CHECK(same_bits_on_any_threads([&] { return gradient_of(c.loss, t, p); }));
    const auto all = losses_of(c.loss, t, p);
    CHECK(same_bits(losses_of(c.loss, t.slice(2999, 3000), p.slice(2999, 3000)), all.slice(2999, 3000)));
  }
}

TEST_CASE("A loss writes into what it is given, and says so if that has a wrong size", "[losses]") {
  const Loss loss = "mse";
  const Tensor<float> t({2, 3}, {1, 2, 3, 4, 5, 6});
  Tensor<float> wrong(Shape{3}), values(Shape{2}), dp(Shape{3, 2});
  CHECK_THROWS_MATCHES(loss->forward(t.view(), t.view(), wrong.view()), ShapeError,
                       Message("MeanSquaredError: there are 2 rows, but the losses have the shape (3,)."));
  CHECK_THROWS_MATCHES(loss->backward(t.view(), t.view(), values.view(), dp.view()), ShapeError,
                       Message("MeanSquaredError: the gradient of y_pred (2, 3) has the shape (3, 2)."));
}

TEST_CASE("A batch without rows has no losses", "[losses]") {
  for (const Case& c : all_losses()) {
    INFO(c.name);
    const Tensor<float> t(c.targets == Case::labels ? Shape{0} : Shape{0, 4}), p(Shape{0, 4});
    CHECK(losses_of(c.loss, t, p).shape() == Shape{0});
    CHECK(gradient_of(c.loss, t, p).empty());
  }
}

TEST_CASE("A number that is not a number stays visible in the loss", "[losses]") {
  for (const Case& c : all_losses()) {
    INFO(c.name);
    const auto t = targets<float>(c, 1, 4);
    auto p = random_tensor<float>({1, 4}, 6, c.low, c.high);
    p(0, 0) = std::numeric_limits<float>::quiet_NaN();
    CHECK(std::isnan(losses_of(c.loss, t, p)(0)));
  }
}
