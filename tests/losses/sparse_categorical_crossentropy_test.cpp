#include <graft/losses/sparse_categorical_crossentropy.hpp>

#include "losses/evaluate.hpp"
#include "support/catch.hpp"

using namespace graft;

TEST_CASE("SparseCategoricalCrossentropy is -ln p of the class, of clipped and renormalised p",
          "[losses][sparse_categorical_crossentropy]") {
  const Loss loss = losses::SparseCategoricalCrossentropy();
  CHECK_THAT(loss_of<double>(loss, {1}, {0.25, 0.5, 0.25}), WithinRel(std::log(2.0), 1e-15));
  // (1 - 1e-7) + 1e-7 = 1, so the clipped row needs no renormalising: -ln 1e-7.
  CHECK_THAT(loss_of<double>(loss, {1}, {1, 0}), WithinRel(16.118095650958319, 1e-15));
  CHECK_THAT(loss_of<double>(loss, {2}, {1, 0, 0}), WithinRel(std::log((1 + 1e-7) / 1e-7), 1e-15));
}

TEST_CASE("SparseCategoricalCrossentropy equals CategoricalCrossentropy of one-hot rows from logits",
          "[losses][sparse_categorical_crossentropy]") {
  const Loss sparse = losses::SparseCategoricalCrossentropy({.from_logits = true});
  const Loss dense = losses::CategoricalCrossentropy({.from_logits = true});
  const Tensor<double> x({2, 3}, {1, 2, -3, 0, 200, 0}), labels({2}, {2, 0}), hot({2, 3}, {0, 0, 1, 1, 0, 0});
  CHECK((losses_of(sparse, labels, x).array() == losses_of(dense, hot, x).array()).all());
  CHECK((gradient_of(sparse, labels, x).array() - gradient_of(dense, hot, x).array()).abs().maxCoeff() < 1e-15);
  CHECK(losses_of(sparse, labels, x)(1) == 200);
  CHECK(losses::SparseCategoricalCrossentropy().on_logits("softmax") != nullptr);
  CHECK(losses::SparseCategoricalCrossentropy().on_logits("sigmoid") == nullptr);
}

TEST_CASE("SparseCategoricalCrossentropy keeps the mean of the rows that are not ignored",
          "[losses][sparse_categorical_crossentropy]") {
  const Tensor<double> p({4, 2}, {0.5, 0.5, 0.25, 0.75, 0.5, 0.5, 0.5, 0.5}), t({4}, {0, 0, -1, -1});
  const Loss mean = losses::SparseCategoricalCrossentropy({.ignore_class = -1});
  const auto values = losses_of(mean, t, p);
  CHECK_THAT(values(1), WithinRel(std::log(4.0), 1e-15));
  CHECK(values(2) == 0);
  CHECK(gradient_of(mean, t, p)(3, 0) == 0);
  const auto weights = losses::masked_weights({}, t.view(), *mean->ignored_label(), values.shape(), mean->reduction());
  CHECK_THAT(losses::reduce(values.view(), weights.view(), mean->reduction()),
             WithinRel((std::log(2.0) + std::log(4.0)) / 2, 1e-15));
  CHECK(losses_of(mean, Tensor<double>({4}, {-1, -1, -1, -1}), p).array().isZero(0));
  CHECK_FALSE(losses::SparseCategoricalCrossentropy().ignored_label());
}

TEST_CASE("SparseCategoricalCrossentropy names a label that is not a class",
          "[losses][sparse_categorical_crossentropy]") {
  const Loss loss = losses::SparseCategoricalCrossentropy();
  CHECK_THROWS_MATCHES(loss_of<float>(loss, {3}, {0.2f, 0.3f, 0.5f}), ArgumentError,
                       Message("SparseCategoricalCrossentropy: a class index is from 0 to 2, got 3. y_pred has 3 "
                               "classes."));
  CHECK_THROWS_AS(loss_of<float>(loss, {-1}, {0.2f, 0.8f}), ArgumentError);
  CHECK_THROWS_AS(loss_of<float>(loss, {std::numeric_limits<float>::quiet_NaN()}, {0.2f, 0.8f}), ArgumentError);
  CHECK_THROWS_MATCHES(loss->loss_shape({8, 10}, {8, 10}), ShapeError,
                       Message("SparseCategoricalCrossentropy: y_true must hold one class index per row of y_pred, got "
                               "y_true (8, 10) and y_pred (8, 10). For one-hot labels use "
                               "\"categorical_crossentropy\"."));
  CHECK_THROWS_AS(losses::SparseCategoricalCrossentropy({.axis = 0}), ArgumentError);
}
