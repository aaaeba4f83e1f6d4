#include <graft/data/resize_image.hpp>

#include "support/catch.hpp"
#include "support/golden.hpp"

using namespace graft;

namespace {

Image image_of(const Tensor<float>& x) {
  Image image(x.shape()[0], x.shape()[1], x.shape()[2]);
  std::transform(x.begin(), x.end(), image.pixel(0, 0), [](float v) { return static_cast<std::uint8_t>(v); });
  return image;
}

}  // namespace

TEST_CASE("images are fitted to a size as image_dataset_from_directory does", "[data][resize_image][golden]") {
  const GoldenFile golden("misc");
  const auto cases = golden.group("load");
  REQUIRE(cases.size() >= 18);
  for (const auto& one : cases) {
    INFO(one.at("name").get<std::string>());
    const Image image = image_of(golden.tensor<float>(one.at("input")));
    const auto expected = golden.tensor<float>(one.at("output"));
    const Size2D size(one.at("size")[0].get<Index>(), one.at("size")[1].get<Index>());
    Tensor<float> out(Shape{size.height, size.width, 3});
    const auto how = data::interpolation_from_name(one.at("interpolation").get<std::string>(), "test");
    const std::string fit = one.at("fit");
    if (fit == "pad") {
      out.array() = 7;  // what was there before must not shine through
      data::stretch_with_pad(image, how, out.view());
    } else {
      data::stretch(fit == "crop" ? data::crop_to_aspect_ratio(image, size) : image, how, out.view());
    }
    CHECK((out.array() - expected.array()).abs().maxCoeff() < 1e-3F);  // grey levels; a few roundings of 255 * 2^-24
  }
}

TEST_CASE("padding keeps at least one row and column of the image", "[data][resize_image]") {
  Tensor<float> out(Shape{3, 3, 1});
  Image thin(1, 1000, 1);
  std::fill_n(thin.pixel(0, 0), 1000, std::uint8_t{9});
  data::stretch_with_pad(thin, data::Interpolation::bilinear, out.view());
  CHECK(out.array().sum() == 27);
  CHECK(out(1, 0, 0) == 9);
}

TEST_CASE("names of interpolations and colour modes are checked", "[data][resize_image][errors]") {
  CHECK(data::interpolation_from_name("Bilinear", "f") == data::Interpolation::bilinear);
  CHECK(data::interpolation_from_name("nearest", "f") == data::Interpolation::nearest);
  CHECK_THROWS_WITH(data::interpolation_from_name("bicubic", "f"),
                    "f: `interpolation` must be \"bilinear\" or \"nearest\", got \"bicubic\".");
  CHECK(data::channels_of_color_mode("grayscale", "f") == 1);
  CHECK_THROWS_AS(data::channels_of_color_mode("RGB", "f"), ArgumentError);
}
