#include <graft/ops/affine_image_gradient.hpp>

#include "support/catch.hpp"
#include "support/numeric.hpp"

using namespace graft;

TEST_CASE("affine_image_gradient is the transpose of affine_image", "[ops][affine]") {
  const Shape shape{3, 5, 4, 2};
  const auto x = random_tensor<double>(shape, 1), dy = random_tensor<double>(shape, 2);
  for (const auto fill : {ops::FillMode::reflect, ops::FillMode::constant, ops::FillMode::nearest, ops::FillMode::wrap})
    for (const auto sampling : {ops::Sampling::bilinear, ops::Sampling::nearest}) {
      const ops::Resampling how{.fill = fill, .sampling = sampling, .value = 0};
      const auto transform_of = [&](Index i) {
        if (i == 0) return ops::AffineTransform::rotation(0.7, 5, 4);
        return i == 1 ? ops::AffineTransform::zoom(1.4, 0.6, 5, 4) : ops::AffineTransform::translation(9.3, -1.6);
      };
      Tensor<double> y(shape), dx(shape);
      dx.array() = 1e9;  // is written, not added to
      ops::affine_image<double>(x, how, y.view(), transform_of);
      ops::affine_image_gradient<double>(dy, how, dx.view(), transform_of);
      // sum(A x * dy) = sum(x * A' dy), 120 terms around 1 each
      CHECK_THAT(dot(y, dy), WithinAbs(dot(x, dx), 1e-12));
    }
}
