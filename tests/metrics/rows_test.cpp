#include <graft/metrics/rows.hpp>

#include "support/catch.hpp"

using namespace graft;
using metrics::Targets;

TEST_CASE("A trailing axis of 1 makes no difference to a metric", "[metrics][rows]") {
  for (const auto& [t, p] : std::initializer_list<std::pair<Shape, Shape>>{
           {{5, 3}, {5, 3}}, {{5}, {5, 1}}, {{5, 1}, {5}}, {{5, 2}, {5, 2, 1}}, {{None, 3}, {5, 3}}, {{5}, {None}}}) {
    INFO(t << p);
    CHECK_NOTHROW(metrics::check_targets("X", t, p, Targets::values));
  }
  CHECK_NOTHROW(metrics::check_targets("X", {5}, {5, 3}, Targets::class_index));
  CHECK_NOTHROW(metrics::check_targets("X", {5, 1}, {5, 3}, Targets::class_index));
  CHECK_NOTHROW(metrics::check_targets("X", {None, 2}, {None, 2, 3}, Targets::class_index));
}

TEST_CASE("Targets that do not fit are refused, and never broadcast", "[metrics][rows]") {
  for (const auto& [t, p] : std::initializer_list<std::pair<Shape, Shape>>{
           {{5, 1}, {5, 3}}, {{5}, {5, 3}}, {{4, 3}, {5, 3}}, {{}, {5}}, {{5, 0}, {5, 0}}, {{5}, {}}})
    CHECK_THROWS_MATCHES(
        metrics::check_targets("X", t, p, Targets::values), ShapeError,
        Message("X: y_true must have the shape of y_pred, got y_true " + t.str() + " and y_pred " + p.str() + "."));
  for (const auto& [t, p] :
       std::initializer_list<std::pair<Shape, Shape>>{{{5, 3}, {5, 3}}, {{4}, {5, 3}}, {{5}, {5}}, {{5, 1, 1}, {5, 3}}})
    CHECK_THROWS_MATCHES(metrics::check_targets("X", t, p, Targets::class_index), ShapeError,
                         Message("X: y_true must hold one class index per row of y_pred, got y_true " + t.str() +
                                 " and y_pred " + p.str() + "."));
}

TEST_CASE("rows_of counts rows and their length", "[metrics][rows]") {
  const auto image = metrics::rows_of({2, 4, 5, 3});
  CHECK(image.samples == 2);
  CHECK(image.per_sample == 20);
  CHECK(image.columns == 3);
  CHECK(image.count() == 40);
  CHECK(metrics::rows_of({7}).columns == 1);
  CHECK(metrics::rows_of({7}).count() == 7);
  CHECK(metrics::rows_of({0, 3}).count() == 0);
}

TEST_CASE("Weights are one per sample or one per row", "[metrics][rows]") {
  const float numbers[8] = {};
  const auto share = [&](const Shape& weights) {
    return metrics::rows_per_weight("X", metrics::rows_of({2, 4, 3}), View<const float>{numbers, weights});
  };
  CHECK(share({2}) == 4);
  CHECK(share({2, 1}) == 4);
  CHECK(share({2, 4}) == 1);
  for (const Shape& wrong : {Shape{4}, Shape{8}, Shape{2, 3}, Shape{}})
    CHECK_THROWS_MATCHES(share(wrong), ShapeError,
                         Message("X: a sample weight of shape " + wrong.str() +
                                 " does not fit 2 samples of 4 rows. Give one weight per sample."));
}
