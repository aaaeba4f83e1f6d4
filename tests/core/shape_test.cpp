#include "support/catch.hpp"

#include <graft/core/shape.hpp>

using namespace graft;

TEST_CASE("Shape prints as Keras does", "[core][shape]") {
  CHECK(Shape{None, 7, 7, 512}.str() == "(None, 7, 7, 512)");
  CHECK(Shape{3}.str() == "(3,)");
  CHECK(Shape{}.str() == "()");
}

TEST_CASE("Shape counts from the end and multiplies", "[core][shape]") {
  const Shape s{2, 3, 5};
  CHECK(s[-1] == 5);
  CHECK(s.back() == 5);
  CHECK(s.elements() == 30);
  CHECK(s.sample_elements() == 15);
  CHECK(Shape{}.elements() == 1);
  CHECK(Shape{4, 0}.elements() == 0);
}

TEST_CASE("Shape replaces, adds and drops axes", "[core][shape]") {
  const Shape s{2, 3, 5};
  CHECK(s.with_front(None) == Shape{None, 3, 5});
  CHECK(s.with_back(7) == Shape{2, 3, 7});
  CHECK(s.without_batch() == Shape{3, 5});
  CHECK(Shape{3, 5}.with_batch() == Shape{None, 3, 5});
  CHECK(s == Shape{2, 3, 5});
}

TEST_CASE("Shape accepts what None leaves open", "[core][shape]") {
  const Shape s{None, 3, None};
  CHECK(s.accepts({4, 3, 9}));
  CHECK(s.accepts({None, 3, 9}));
  CHECK_FALSE(s.accepts({4, 2, 9}));
  CHECK_FALSE(s.accepts({4, 3}));
  CHECK_FALSE(s.is_known());
  CHECK(Shape{1, 2}.is_known());
}

TEST_CASE("Shape has at most eight axes", "[core][shape]") {
  Shape s{1, 2, 3, 4, 5, 6, 7, 8};
  CHECK_THROWS_WITH(s.push_back(9), "Shape: a tensor has at most 8 axes.");
}
