#include <graft/losses/row_shapes.hpp>

#include "support/catch.hpp"

using namespace graft;

TEST_CASE("matched_shape drops or adds a trailing 1, as Keras does", "[losses][row_shapes]") {
  struct Case {
    Shape y_true, y_pred, matched;
  };
  const Case c = GENERATE(values<Case>({{{5, 3}, {5, 3}, {5, 3}},
                                        {{5}, {5, 1}, {5, 1}},
                                        {{5, 1}, {5}, {5, 1}},
                                        {{5}, {5}, {5, 1}},
                                        {{5, 2, 1}, {5, 2}, {5, 2}},
                                        {{5, 2}, {5, 2, 1}, {5, 2}},
                                        {{None, 3}, {8, 3}, {8, 3}},
                                        {{8, 3}, {None, 3}, {None, 3}},
                                        {{None}, {None, 1}, {None, 1}}}));
  INFO(c.y_true << c.y_pred);
  CHECK(losses::matched_shape("X", c.y_true, c.y_pred) == c.matched);
}

TEST_CASE("matched_shape never broadcasts", "[losses][row_shapes]") {
  struct Case {
    Shape y_true, y_pred;
  };
  const Case c = GENERATE(values<Case>({{{5, 1}, {5, 3}},
                                        {{5, 3}, {5, 1}},
                                        {{5}, {5, 3}},
                                        {{4, 3}, {5, 3}},
                                        {{}, {5}},
                                        {{5, 0}, {5, 0}},
                                        {{5}, {4}},
                                        {{5, 3, 1}, {5}}}));
  CHECK_THROWS_MATCHES(losses::matched_shape("X", c.y_true, c.y_pred, " Hint."), ShapeError,
                       Message("X: y_true must have the shape of y_pred, got y_true " + c.y_true.str() +
                               " and y_pred " + c.y_pred.str() + ". Hint."));
}

TEST_CASE("sparse_shape takes one class index per row", "[losses][row_shapes]") {
  CHECK(losses::sparse_shape("X", {5}, {5, 3}) == Shape{5, 3});
  CHECK(losses::sparse_shape("X", {5, 1}, {5, 3}) == Shape{5, 3});
  CHECK(losses::sparse_shape("X", {None, 7}, {None, 7, 3}) == Shape{None, 7, 3});
  for (const Shape& y_true : {Shape{5, 3}, Shape{4}, Shape{5, 2}, Shape{5, 1, 1}, Shape{}})
    CHECK_THROWS_MATCHES(losses::sparse_shape("X", y_true, {5, 3}, " Hint."), ShapeError,
                         Message("X: y_true must hold one class index per row of y_pred, got y_true " + y_true.str() +
                                 " and y_pred (5, 3). Hint."));
  CHECK_THROWS_AS(losses::sparse_shape("X", {5}, {5}), ShapeError);
}
