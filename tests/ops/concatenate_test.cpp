#include <graft/ops/concatenate.hpp>

#include "support/catch.hpp"
#include "support/numeric.hpp"

using namespace graft;
using namespace graft::ops;

namespace {

Shape joined(const std::vector<Shape>& shapes, Index axis) {
  return concatenate_shape(shapes, axis, "Concatenate 'concatenate'");
}

Tensor<float> join(const std::vector<Tensor<float>>& x, Index axis) {
  std::vector<Shape> shapes;
  for (const Tensor<float>& t : x) shapes.push_back(t.shape());
  Tensor<float> y(joined(shapes, axis));
  const std::vector<View<const float>> views(x.begin(), x.end());
  concatenate<float>(views, axis, y.view());
  return y;
}

}  // namespace

TEST_CASE("Shapes are joined along one axis", "[ops][concatenate]") {
  CHECK(joined({{None, 7, 7, 3}, {None, 7, 7, 5}, {None, 7, 7, 1}}, -1) == Shape{None, 7, 7, 9});
  CHECK(joined({{None, 2, 4}, {None, 3, 4}}, 1) == Shape{None, 5, 4});
  CHECK(joined({{None, None, 4}, {None, 6, 4}}, -1) == Shape{None, 6, 8});
  CHECK(joined({{None, None, 4}, {None, 6, 4}}, 1) == Shape{None, None, 4});
  CHECK(joined({{None, 6, 4}, {None, None, 4}}, 1) == Shape{None, None, 4});
  CHECK_THROWS_WITH(joined({{None, 2, 4}, {None, 3, 4}}, -1),
                    "Concatenate 'concatenate': inputs of the shapes (None, 2, 4) and (None, 3, 4) cannot be joined "
                    "along axis -1: all other axes must have equal lengths.");
  CHECK_THROWS_WITH(joined({{None, 2}}, 2), "Concatenate 'concatenate': the input shape (None, 2) has no axis 2.");
  CHECK_THROWS_WITH(joined({}, 2), "Concatenate 'concatenate': at least one input is needed.");
  CHECK_THROWS_AS(joined({{None, 2}, {None, 2, 2}}, -1), ShapeError);
}

TEST_CASE("Concatenation puts tensors one after the other and its gradient takes them apart",
          "[ops][concatenate][threads]") {
  const Index axis = GENERATE(1, 2, 3, -1, 0);
  std::vector<Tensor<float>> x;
  for (const Index n : {3, 1, 4}) {
    Shape shape{5, 6, 7, 8};
    shape[axis] = n;
    x.push_back(random_tensor<float>(shape, static_cast<std::uint64_t>(n)));
  }
  const Tensor<float> y = join(x, axis);
  Index start = 0;
  bool right = true;
  for (const Tensor<float>& t : x) {
    const Shape& s = t.shape();
    for (Index i = 0; i < t.size(); ++i) {
      Index at[4] = {i / (s[1] * s[2] * s[3]), i / (s[2] * s[3]) % s[1], i / s[3] % s[2], i % s[3]};
      at[axis < 0 ? axis + 4 : axis] += start;
      right = right && y(at[0], at[1], at[2], at[3]) == t.data()[i];
    }
    start += s[axis];
  }
  CHECK(right);
  CHECK(same_bits_on_any_threads([&] { return join(x, axis); }));

  std::vector<Tensor<float>> dx;
  for (const Tensor<float>& t : x) dx.emplace_back(t.shape());
  const View<float> views[] = {dx[0].view(), {nullptr, dx[1].shape()}, dx[2].view()};
  concatenate_gradient<float>(y.view(), axis, views);
  CHECK(same_bits(dx[0], x[0]));
  CHECK(same_bits(dx[2], x[2]));
}
