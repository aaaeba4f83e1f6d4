#include <graft/data/save_img.hpp>

#include "support/catch.hpp"
#include "support/images.hpp"

using namespace graft;

TEST_CASE("save_img stretches values to 0 .. 255 unless told not to", "[data][save_img]") {
  const TemporaryFolder folder;
  const Tensor<float> x({1, 3, 1}, {-1, 0, 1});
  utils::save_img(folder / "a.png", x);
  const Image stretched = read_image(folder / "a.png", 1);
  CHECK(stretched.pixel(0, 0)[0] == 0);
  CHECK(stretched.pixel(0, 1)[0] == 127);
  CHECK(stretched.pixel(0, 2)[0] == 255);
  utils::save_img(folder / "b.png", Tensor<float>({1, 3, 1}, {-7, 100.9F, 300}), {.scale = false});
  const Image kept = read_image(folder / "b.png", 1);
  CHECK(kept.pixel(0, 0)[0] == 0);
  CHECK(kept.pixel(0, 1)[0] == 100);
  CHECK(kept.pixel(0, 2)[0] == 255);
}

TEST_CASE("save_img chooses the format by extension or option", "[data][save_img]") {
  const TemporaryFolder folder;
  const Image image = pattern_image(5, 6, 3);
  for (const std::string name : {"a.png", "a.BMP", "a.jpg", "a.jpeg"}) {
    utils::save_img(folder / name, image);
    CHECK(read_image(folder / name, 3).shape() == image.shape());
  }
  CHECK_THAT(encoded(image, "bmp"), StartsWith("BM"));
  CHECK_THAT(encoded(image, "jpg"), StartsWith("\xFF\xD8"));
}

TEST_CASE("an image of one value or of NaN is saved", "[data][save_img]") {
  Tensor<float> x(Shape{2, 2, 3});
  CHECK(utils::array_to_img(x).pixel(1, 1)[2] == 0);
  x.array() = std::numeric_limits<float>::quiet_NaN();
  CHECK(utils::array_to_img(x, false).pixel(0, 0)[0] == 0);
}

TEST_CASE("save_img refuses what it cannot write", "[data][save_img][errors]") {
  const TemporaryFolder folder;
  const Image image = pattern_image(2, 2, 3);
  CHECK_THROWS_WITH(utils::save_img(folder / "a.gif", image),
                    ContainsSubstring("has the format '.gif'; use .png, .jpg, .jpeg or .bmp."));
  CHECK_THROWS_WITH(utils::save_img(folder / "a.png", Tensor<float>(Shape{2, 2})),
                    ContainsSubstring("(height, width, channels) with 1, 3 or 4 channels, got (2, 2)."));
  CHECK_THROWS_AS(utils::save_img(folder / "a.png", Tensor<float>(Shape{2, 2, 2})), ShapeError);
  CHECK_THROWS_AS(utils::save_img(folder / "none" / "a.png", image), FileError);
}
