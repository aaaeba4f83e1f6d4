#include <graft/core/random.hpp>
#include <graft/core/tensor.hpp>
#include <graft/ops/resize.hpp>

#include "support/catch.hpp"
#include "support/golden.hpp"

using namespace graft;

namespace {

Tensor<float> noise(const Shape& shape) {
  Tensor<float> t(shape);
  const RandomStream random(7);
  for (Index i = 0; i < t.size(); ++i)
    t.data()[i] = static_cast<float>(random.below(static_cast<std::uint64_t>(i), 256));
  return t;
}

// By the definition, in double: weight of input pixel p for output pixel i along one axis.
double bilinear_weight(Index i, Index p, Index in, Index out) {
  const double at = (static_cast<double>(i) + 0.5) * static_cast<double>(in) / static_cast<double>(out) - 0.5;
  const double inside = std::clamp(at, 0., static_cast<double>(in - 1));
  return std::max(0., 1 - std::abs(inside - static_cast<double>(p)));
}
double antialias_weight(Index i, Index p, Index in, Index out) {
  const double scale = static_cast<double>(in) / static_cast<double>(out), reach = std::max(1., scale);
  const auto raw = [&](Index q) {
    return std::max(0., 1 - std::abs(static_cast<double>(q) + 0.5 - (static_cast<double>(i) + 0.5) * scale) / reach);
  };
  double total = 0;
  for (Index q = 0; q < in; ++q) total += raw(q);
  return raw(p) / total;
}

template <class Weight>
double at(const Tensor<float>& image, const Shape& to, Index i, Index j, Index c, Weight weight) {
  double sum = 0;
  for (Index p = 0; p < image.shape()[0]; ++p)
    for (Index q = 0; q < image.shape()[1]; ++q)
      sum += weight(i, p, image.shape()[0], to[0]) * weight(j, q, image.shape()[1], to[1]) *
             static_cast<double>(image(p, q, c));
  return sum;
}

template <class Weight>
double worst_difference(const Tensor<float>& image, const Tensor<float>& out, Weight weight) {
  double worst = 0;
  for (Index i = 0; i < out.shape()[0]; ++i)
    for (Index j = 0; j < out.shape()[1]; ++j)
      for (Index c = 0; c < out.shape()[2]; ++c)
        worst = std::max(worst, std::abs(at(image, out.shape(), i, j, c, weight) - static_cast<double>(out(i, j, c))));
  return worst;
}

// Positions reach 17 and are rounded to 2^-20 of a pixel; a pixel's step is at most 255: 255 * 2^-20 twice, below 1e-3.
constexpr double tolerance = 1e-3;

}  // namespace

TEST_CASE("bilinear resizing is the half-pixel formula at any size", "[ops][resize]") {
  const Index height = GENERATE(1, 2, 7, 17), width = GENERATE(1, 3, 16);
  const Index to_height = GENERATE(1, 5, 7, 23), channels = GENERATE(1, 3);
  const auto image = noise({height, width, channels});
  Tensor<float> out(Shape{to_height, 11, channels});
  ops::resize_bilinear(std::as_const(image).view(), out.view());
  CHECK(worst_difference(image, out, bilinear_weight) < tolerance);
}

TEST_CASE("antialiased resizing weights every pixel by a triangle", "[ops][resize]") {
  const Index height = GENERATE(1, 2, 7, 17), to_height = GENERATE(1, 5, 7, 23);
  const auto image = noise({height, 16, 2});
  Tensor<float> out(Shape{to_height, 5, 2});
  ops::resize_antialias(std::as_const(image).view(), out.view());
  CHECK(worst_difference(image, out, antialias_weight) < tolerance);
}

TEST_CASE("antialiasing changes nothing where an image grows", "[ops][resize]") {
  const auto image = noise({5, 4, 3});
  Tensor<float> a(Shape{9, 12, 3}), b(Shape{9, 12, 3});
  ops::resize_bilinear(std::as_const(image).view(), a.view());
  ops::resize_antialias(std::as_const(image).view(), b.view());
  CHECK((a.array() - b.array()).abs().maxCoeff() < 1e-3F);
}

TEST_CASE("nearest resizing takes the pixel that holds the centre", "[ops][resize]") {
  const Tensor<float> row({1, 5, 1}, {10, 20, 30, 40, 50});
  Tensor<float> three(Shape{1, 3, 1}), eight(Shape{2, 8, 1});
  ops::resize_nearest(row.view(), three.view());
  CHECK(std::vector<float>(three.begin(), three.end()) == std::vector<float>{10, 30, 50});
  ops::resize_nearest(row.view(), eight.view());
  CHECK(std::vector<float>(eight.begin(), eight.begin() + 8) == std::vector<float>{10, 10, 20, 30, 30, 40, 50, 50});
  CHECK(std::equal(eight.begin(), eight.begin() + 8, eight.begin() + 8));
}

TEST_CASE("an image of the size wanted comes out as it was", "[ops][resize]") {
  const auto image = noise({6, 9, 3});
  Tensor<float> out(image.shape());
  ops::resize_bilinear(std::as_const(image).view(), out.view());
  CHECK(std::equal(out.begin(), out.end(), image.begin()));
  ops::resize_nearest(std::as_const(image).view(), out.view());
  CHECK(std::equal(out.begin(), out.end(), image.begin()));
}

TEST_CASE("bytes are resized as the floats they stand for", "[ops][resize]") {
  const auto image = noise({7, 5, 3});
  std::vector<unsigned char> bytes(image.begin(), image.end());
  Tensor<float> a(Shape{4, 9, 3}), b(Shape{4, 9, 3});
  ops::resize_bilinear(std::as_const(image).view(), a.view());
  ops::resize_bilinear(View<const unsigned char>{bytes.data(), image.shape()}, b.view());
  CHECK(std::equal(a.begin(), a.end(), b.begin()));
}

TEST_CASE("resizing refuses shapes that do not belong together", "[ops][resize][errors]") {
  const Tensor<float> image(Shape{2, 2, 3}), none(Shape{0, 2, 3});
  Tensor<float> gray(Shape{4, 4, 1}), out(Shape{4, 4, 3});
  CHECK_THROWS_WITH(ops::resize_bilinear(image.view(), gray.view()),
                    ContainsSubstring("the same channels and at least one pixel, got (2, 2, 3) to (4, 4, 1)."));
  CHECK_THROWS_AS(ops::resize_nearest(none.view(), out.view()), ShapeError);
  CHECK_THROWS_AS(ops::resize_antialias(none.view(), out.view()), ShapeError);
}

TEST_CASE("resizing gives what tf.image.resize gives", "[ops][resize][golden]") {
  const GoldenFile golden("misc");
  const auto cases = golden.group("resize");
  REQUIRE(cases.size() >= 12);
  for (const auto& one : cases) {
    INFO(one.at("name").get<std::string>());
    const auto image = golden.tensor<float>(one.at("input")), expected = golden.tensor<float>(one.at("output"));
    Tensor<float> out(expected.shape());
    const bool bilinear = one.at("interpolation") == "bilinear";
    bilinear ? ops::resize_bilinear(image.view(), out.view()) : ops::resize_nearest(image.view(), out.view());
    CHECK((out.array() - expected.array()).abs().maxCoeff() < 1e-3F);
  }
}
