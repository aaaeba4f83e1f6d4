#include <graft/ops/batch_dot.hpp>

#include "support/catch.hpp"
#include "support/numeric.hpp"

using namespace graft;
using namespace graft::ops;

namespace {

struct Case {
  Shape x, y;
  DotAxes axes;
};
std::vector<Case> cases() {
  return {{{2, 5}, {2, 5}, {1, 1}},
          {{3, 4, 17}, {3, 33, 17}, {2, 2}},
          {{3, 17, 4}, {3, 17, 33}, {1, 1}},
          {{2, 3, 1, 2}, {2, 2, 1}, {2, 2}},
          {{2, 2, 7, 3}, {2, 5, 7, 2}, {2, 2}}};
}

/// The element of a sample with these indices of the axes other than the batch.
double element(const Tensor<double>& t, Index sample, const std::vector<Index>& at) {
  Index offset = 0;
  for (std::size_t i = 0; i < at.size(); ++i) offset = offset * t.shape()[static_cast<Index>(i) + 1] + at[i];
  return t.view().sample(sample)[offset];
}
std::vector<Index> indices(Index at, const Shape& shape) {
  std::vector<Index> all(to_size(shape.rank() - 1));
  for (Index i = shape.rank() - 1; i > 0; --i) {
    all[to_size(i - 1)] = at % shape[i];
    at /= shape[i];
  }
  return all;
}
Tensor<double> product(const Case& c, const Tensor<double>& x, const Tensor<double>& y) {
  Tensor<double> z(batch_dot_shape(c.x, c.y, c.axes, "test"));
  batch_dot<double>(x.view(), y.view(), c.axes, z.view());
  return z;
}

/// By the definition: the indices of z are those of x and y without the one that is summed over.
double reference(const Case& c, const Tensor<double>& x, const Tensor<double>& y, Index sample,
                 const std::vector<Index>& at) {
  const auto split = at.begin() + (c.x.rank() - 2);
  std::vector<Index> in_x(at.begin(), split), in_y(split, split + (c.y.rank() - 2));
  in_x.insert(in_x.begin() + (c.axes.x - 1), 0);
  in_y.insert(in_y.begin() + (c.axes.y - 1), 0);
  double sum = 0;
  for (Index k = 0; k < c.x[c.axes.x]; ++k) {
    in_x[to_size(c.axes.x - 1)] = in_y[to_size(c.axes.y - 1)] = k;
    sum += element(x, sample, in_x) * element(y, sample, in_y);
  }
  return sum;
}

}  // namespace

TEST_CASE("batch_dot sums over one axis of each operand", "[ops][batch_dot]") {
  for (const Case& c : cases()) {
    const auto x = random_tensor<double>(c.x, 1), y = random_tensor<double>(c.y, 2);
    const auto z = product(c, x, y);
    INFO(c.x << ' ' << c.y << " -> " << z.shape());
    double worst = 0;
    for (Index sample = 0; sample < c.x[0]; ++sample)
      for (Index i = 0; i < z.shape().sample_elements(); ++i)
        worst =
            std::max(worst, std::abs(z.view().sample(sample)[i] - reference(c, x, y, sample, indices(i, z.shape()))));
    CHECK(worst <= 17 * 2.3e-16);  // at most 17 products below 1, each rounded, some of them fused with the sum
  }
}

TEST_CASE("batch_dot's gradients equal central differences", "[ops][batch_dot][gradient]") {
  for (const Case& c : cases()) {
    auto x = random_tensor<double>(c.x, 1), y = random_tensor<double>(c.y, 2);
    const auto dz = random_tensor<double>(product(c, x, y).shape(), 3);
    Tensor<double> dx(c.x), dy(c.y);
    for (Tensor<double>* gradient : {&dx, &dy})  // every element has to be written
      gradient->array() = std::numeric_limits<double>::quiet_NaN();
    batch_dot_gradient_x<double>(dz.view(), y.view(), c.axes, dx.view());
    batch_dot_gradient_y<double>(dz.view(), x.view(), c.axes, dy.view());
    INFO(c.x << ' ' << c.y);
    CHECK(relative_error(dx, numeric_gradient(x, [&] { return dot(product(c, x, y), dz); })) < 1e-7);
    CHECK(relative_error(dy, numeric_gradient(y, [&] { return dot(product(c, x, y), dz); })) < 1e-7);
  }
}

TEST_CASE("batch_dot has the same bits alone and in a batch, on any threads", "[ops][batch_dot][threads]") {
  const DotAxes axes{1, 2};
  const auto x = random_tensor<float>({9, 40, 30}, 1), y = random_tensor<float>({9, 35, 40}, 2);
  const auto product = [&](const Tensor<float>& a, const Tensor<float>& b) {
    Tensor<float> z({a.shape()[0], 30, 35});
    batch_dot<float>(a.view(), b.view(), axes, z.view());
    return z;
  };
  CHECK(same_bits_on_any_threads([&] { return product(x, y); }));
  CHECK(same_bits(product(x.slice(4, 5), y.slice(4, 5)), product(x, y).slice(4, 5)));
}
