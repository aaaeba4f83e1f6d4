#include <graft/data/load_img.hpp>

#include "support/catch.hpp"
#include "support/images.hpp"

using namespace graft;

TEST_CASE("load_img gives the image's own size without target_size", "[data][load_img]") {
  const TemporaryFolder folder;
  utils::save_img(folder / "a.png", pattern_image(6, 9, 3));
  const Tensor<float> x = utils::img_to_array(utils::load_img(folder / "a.png"));
  CHECK(x.shape() == Shape{6, 9, 3});
  CHECK(x(5, 8, 2) == static_cast<float>(pattern_image(6, 9, 3).pixel(5, 8)[2]));
  CHECK(utils::img_to_array<double>(utils::load_img(folder / "a.png", {.color_mode = "grayscale"})).shape() ==
        Shape{6, 9, 1});
  CHECK(utils::load_img(folder / "a.png", {.color_mode = "rgba"}).channels() == 4);
}

TEST_CASE("load_img resizes to height x width, nearest by default", "[data][load_img]") {
  const TemporaryFolder folder;
  const Image image = pattern_image(6, 8, 3);
  utils::save_img(folder / "a.png", image);
  const Image half = utils::load_img(folder / "a.png", {.target_size = Size2D(3, 4)});
  CHECK(half.shape() == Shape{3, 4, 3});
  CHECK(half.pixel(1, 2)[0] == image.pixel(3, 5)[0]);  // the pixel under the centre: 2 i + 1
}

TEST_CASE("load_img's bilinear weights every pixel, rounded to whole levels", "[data][load_img]") {
  const TemporaryFolder folder;
  Image image(1, 4, 1);
  const std::uint8_t values[] = {0, 100, 200, 255};
  std::copy_n(values, 4, image.pixel(0, 0));
  utils::save_img(folder / "a.png", image);
  const utils::LoadImgOptions options{
      .color_mode = "grayscale", .target_size = Size2D(1, 2), .interpolation = "bilinear"};
  const Image half = utils::load_img(folder / "a.png", options);
  // Triangle of reach 2 around 1 and 3: weights 3/4, 3/4, 1/4 over 7/4.
  CHECK(half.pixel(0, 0)[0] == 71);   // (0.75 * 0 + 0.75 * 100 + 0.25 * 200) / 1.75 = 71.4
  CHECK(half.pixel(0, 1)[0] == 209);  // (0.25 * 100 + 0.75 * 200 + 0.75 * 255) / 1.75 = 209.3
}

TEST_CASE("load_img keeps the proportions by cutting around the middle", "[data][load_img]") {
  const TemporaryFolder folder;
  const Image image = pattern_image(4, 10, 3);
  utils::save_img(folder / "a.png", image);
  const Image cut = utils::load_img(folder / "a.png", {.target_size = Size2D(2, 2), .keep_aspect_ratio = true});
  CHECK(cut.pixel(0, 0)[0] == image.pixel(1, 4)[0]);  // columns 3 to 6 remain
  CHECK(cut.pixel(1, 1)[0] == image.pixel(3, 6)[0]);
}

TEST_CASE("load_img refuses options that are out of their rule", "[data][load_img][errors]") {
  const TemporaryFolder folder;
  utils::save_img(folder / "a.png", pattern_image(2, 2, 3));
  const auto load = [&](const utils::LoadImgOptions& options) { return utils::load_img(folder / "a.png", options); };
  CHECK_THROWS_WITH(load({.color_mode = "bgr"}),
                    ContainsSubstring("one of \"rgb\", \"rgba\", \"grayscale\". Received: color_mode=\"bgr\"."));
  CHECK_THROWS_WITH(
      load({.interpolation = "lanczos"}),
      ContainsSubstring("load_img: `interpolation` must be \"bilinear\" or \"nearest\", got \"lanczos\"."));
  CHECK_THROWS_WITH(load({.target_size = Size2D(0, 3)}), ContainsSubstring("must be at least 1 x 1, got (0, 3)."));
  CHECK_THROWS_AS(utils::load_img(folder / "none.png"), FileError);
}
