#include <graft/ops/broadcast.hpp>

#include <vector>

#include "support/catch.hpp"

using namespace graft;
using namespace graft::ops;

namespace {

Shape merged(const std::vector<Shape>& shapes) { return broadcast_shape(shapes, "Add 'add'"); }

}  // namespace

TEST_CASE("Lower ranks are expanded after the batch axis", "[ops][broadcast]") {
  CHECK(align({2, 5}, 4) == Shape{2, 1, 1, 5});
  CHECK(merged({{2, 3, 4, 5}, {2, 5}}) == Shape{2, 3, 4, 5});
  CHECK(merged({{2, 1, 5}, {2, 4, 1}}) == Shape{2, 4, 5});
  CHECK(merged({{None, 4}, {2, 4}, {2, 4}}) == Shape{None, 4});
  CHECK(merged({{None, None, 4}, {None, 1, 4}}) == Shape{None, None, 4});
  CHECK(merged({{None, 4}}) == Shape{None, 4});
}

TEST_CASE("Shapes that differ cannot be merged", "[ops][broadcast]") {
  CHECK_THROWS_WITH(merged({{None, 3, 4}, {None, 3, 5}}),
                    "Add 'add': inputs of the shapes (None, 3, 4) and (None, 3, 5) cannot be merged: an axis must have "
                    "the same length in both, or 1.");
  CHECK_THROWS_AS(merged({{2, 4}, {1, 4}}), ShapeError);  // the batch is no axis to repeat
}

TEST_CASE("Runs are as long as the shapes allow", "[ops][broadcast]") {
  const Shape out{2, 3, 4, 5};
  const auto runs = [&](const Shape& a, const Shape& b) {
    const View<const float> views[] = {{nullptr, a}, {nullptr, b}};
    return BroadcastRuns::of<float>(views, out);
  };
  CHECK(runs(out, out).length == 60);
  CHECK(runs(out, out).count == 1);
  CHECK(runs(out, {2, 5}).length == 5);
  CHECK(runs(out, {2, 5}).count == 12);
  CHECK(runs(out, {2, 1, 4, 5}).length == 20);
  const BroadcastRuns last = runs(out, {2, 3, 4, 1});
  CHECK(last.length == 5);
  CHECK(last.single({2, 3, 4, 1}, out));
  CHECK_FALSE(last.single(out, out));
  CHECK(RunOffsets(last, {2, 3, 4, 1}, out)(7) == 7);
  CHECK(RunOffsets(last, {2, 1, 4, 1}, out)(7) == 3);
  CHECK(RunOffsets(last, out, out)(7) == 35);
}
