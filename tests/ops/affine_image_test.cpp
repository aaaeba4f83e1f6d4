#include <graft/ops/affine_image.hpp>

#include <limits>

#include "support/catch.hpp"
#include "support/numeric.hpp"

using namespace graft;
using namespace graft::ops;

namespace {

Tensor<float> transformed(const Tensor<float>& x, const AffineTransform& t, const Resampling& how) {
  Tensor<float> y(x.shape());
  affine_image<float>(x.view(), how, y.view(), [&](Index) { return t; });
  return y;
}

/// (1, height, width, 1)
Tensor<float> image(Index height, Index width, std::initializer_list<float> values) {
  return Tensor<float>({1, height, width, 1}, values);
}

double largest_difference(const Tensor<float>& a, const Tensor<float>& b) {
  double worst = 0;
  for (Index i = 0; i < a.size(); ++i)
    worst = std::max(worst, std::abs(static_cast<double>(a.data()[i]) - static_cast<double>(b.data()[i])));
  return worst;
}

struct Expected {
  FillMode fill;
  Sampling sampling;
  Tensor<float> y;
};

constexpr Resampling exact{FillMode::reflect, Sampling::nearest, 0};

}  // namespace

TEST_CASE("Every fill mode and sampling gives TensorFlow's pixels", "[ops][affine_image]") {
  const Tensor<float> x = image(3, 4, {1, 2, 4, 7, 11, 16, 22, 29, 37, 46, 56, 67});
  const AffineTransform t{2.5, 0.25, -6.1, -0.5, 3, -4.2};
  // tf.raw_ops.ImageProjectiveTransformV3(images=x, transforms=[2.5, .25, -6.1, -.5, 3, -4.2, 0, 0], fill_value=9.,
  // output_shape=[3, 4], ..), TensorFlow 2.21.0 on a CPU.
  const std::vector<Expected> all{
      {FillMode::reflect, Sampling::bilinear,
       image(3, 4,
             {48.2800064f, 37.1200104f, 9.42000198f, 7.48000336f, 8.16999626f, 18.6299973f, 16.199995f, 42.7199936f,
              53.2800064f, 33.0200081f, 9.00000191f, 9.08000374f})},
      {FillMode::reflect, Sampling::nearest, image(3, 4, {56, 29, 11, 2, 4, 22, 11, 56, 56, 22, 11, 4})},
      {FillMode::constant, Sampling::bilinear, image(3, 4, {9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9.00000095f, 9.08000374f})},
      {FillMode::constant, Sampling::nearest, image(3, 4, {9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 4})},
      {FillMode::nearest, Sampling::bilinear,
       image(3, 4, {1, 1, 1, 2.80000019f, 1, 1, 1, 3.30000019f, 31.8000031f, 18.800005f, 9.00000191f, 9.08000374f})},
      {FillMode::nearest, Sampling::nearest, image(3, 4, {1, 1, 1, 2, 1, 1, 1, 4, 37, 11, 11, 4})},
      {FillMode::wrap, Sampling::bilinear,
       image(3, 4,
             {67, 67, 65.9000015f, 50, 50.7300072f, 40.4000092f, 67, 52.5, 53.2800064f, 40.4000092f, 24.6000023f,
              9.08000374f})},
      {FillMode::wrap, Sampling::nearest, image(3, 4, {67, 67, 67, 46, 56, 29, 67, 56, 56, 29, 29, 4})}};
  for (const Expected& e : all) {
    INFO("fill " << static_cast<int>(e.fill) << ", sampling " << static_cast<int>(e.sampling));
    // Coordinates below 10 have an error of 1e-6, and neighbours differ by up to 50.
    CHECK(largest_difference(transformed(x, t, {e.fill, e.sampling, 9}), e.y) < 5e-5);
  }
}

TEST_CASE("A quarter of a turn is counter-clockwise", "[ops][affine_image]") {
  const Tensor<float> x = image(3, 3, {1, 2, 3, 4, 5, 6, 7, 8, 9});
  const double quarter = std::numbers::pi / 2;
  const Tensor<float> turned = image(3, 3, {3, 6, 9, 2, 5, 8, 1, 4, 7});
  CHECK(same_bits(transformed(x, AffineTransform::rotation(quarter, 3, 3), exact), turned));
  CHECK(largest_difference(transformed(x, AffineTransform::rotation(quarter, 3, 3), {}), turned) < 1e-5);
}

TEST_CASE("A zoom above 1 shrinks the image about its centre", "[ops][affine_image]") {
  const Tensor<float> x = image(1, 5, {1, 2, 3, 4, 5});
  const Resampling black{FillMode::constant, Sampling::bilinear, 0};
  CHECK(same_bits(transformed(x, AffineTransform::zoom(1, 2, 1, 5), black), image(1, 5, {0, 1, 3, 5, 0})));
  CHECK(same_bits(transformed(x, AffineTransform::zoom(1, 0.5, 1, 5), black), image(1, 5, {2, 2.5, 3, 3.5, 4})));
}

TEST_CASE("A translation moves down and to the right, also by parts of a pixel", "[ops][affine_image]") {
  const Tensor<float> x = image(2, 3, {1, 2, 3, 4, 5, 6});
  const Resampling black{FillMode::constant, Sampling::bilinear, 0};
  CHECK(same_bits(transformed(x, AffineTransform::translation(1, 1), black), image(2, 3, {0, 0, 0, 0, 1, 2})));
  CHECK(
      same_bits(transformed(x, AffineTransform::translation(0, 0.5), black), image(2, 3, {.5, 1.5, 2.5, 2, 4.5, 5.5})));
}

TEST_CASE("Places that are no numbers or far away are filled", "[ops][affine_image]") {
  const Tensor<float> x = random_tensor<float>({1, 3, 1, 2}, 1);
  const double far = GENERATE(1e30, -1e30, std::numeric_limits<double>::infinity(),
                              -std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN());
  for (const FillMode fill : {FillMode::reflect, FillMode::constant, FillMode::nearest, FillMode::wrap})
    for (const Sampling sampling : {Sampling::bilinear, Sampling::nearest}) {
      const Tensor<float> y = transformed(x, AffineTransform::translation(far, far), {fill, sampling, 0.25});
      for (const float v : y) CHECK(std::abs(v) <= 1);
    }
}

TEST_CASE("Random transforms are drawn from their ranges, per row", "[ops][affine_image]") {
  const RandomStream stream(2);
  double least = 1, most = -1;
  for (std::uint64_t row = 0; row < 500; ++row) {
    const RandomStream numbers = stream.split(row);
    const AffineTransform turn = random_rotation(numbers, {-0.1, 0.2}, 5, 7);
    const double turns = std::atan2(turn.b0, turn.a0) / (2 * std::numbers::pi);
    least = std::min(least, turns);
    most = std::max(most, turns);
    const AffineTransform both = random_zoom(numbers, {-0.3, 0.3}, std::nullopt, 5, 7);
    CHECK(both.a0 == both.b1);
    const AffineTransform two = random_zoom(numbers, {-0.3, 0.3}, FactorRange{0.1, 0.2}, 5, 7);
    CHECK((two.a0 >= 1.1 && two.a0 < 1.2));
    const AffineTransform shift = random_translation(numbers, {0.1, 0.2}, {-0.5, 0}, 10, 20);
    CHECK((shift.b2 <= -1 && shift.b2 > -2));
    CHECK((shift.a2 >= 0 && shift.a2 <= 10));
  }
  CHECK((least >= -0.1 && least < -0.095));
  CHECK((most < 0.2 && most > 0.195));
}

TEST_CASE("Affine images have the same bits alone and in a batch, on any threads", "[ops][affine_image][threads]") {
  const Tensor<float> x = random_tensor<float>({5, 33, 31, 3}, 3);
  const auto run = [](const Tensor<float>& images, Index first) {
    Tensor<float> y(images.shape());
    affine_image<float>(images.view(), {}, y.view(), [&](Index i) {
      return random_rotation(RandomStream(4).split(static_cast<std::uint64_t>(i + first)), {-0.2, 0.2}, 33, 31);
    });
    return y;
  };
  CHECK(same_bits_on_any_threads([&] { return run(x, 0); }));
  CHECK(same_bits(run(x.slice(3, 4), 3), run(x, 0).slice(3, 4)));
}
