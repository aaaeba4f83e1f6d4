#include <graft/data/image_reading.hpp>

#include "support/catch.hpp"
#include "support/images.hpp"

using namespace graft;
using data::ImageReading;

TEST_CASE("a reading is written and read back as text", "[data][image_reading]") {
  const ImageReading reading{
      .size = {224, 150},
      .channels = 1,
      .interpolation = data::Interpolation::nearest,
      .aspect_ratio = GENERATE(data::AspectRatio::ignore, data::AspectRatio::crop, data::AspectRatio::pad)};
  const auto back = ImageReading::parse(reading.str());
  REQUIRE(back);
  CHECK(back->str() == reading.str());
  CHECK(back->shape() == Shape{224, 150, 1});
  CHECK(ImageReading{.size = {2, 3}}.str() == "image 2 3 3 bilinear ignore");
}

TEST_CASE("a text that is no reading, or an absurd one, is not taken", "[data][image_reading]") {
  for (const char* text :
       {"", "caffe", "image 2 3", "image 2 3 3 bilinear", "image 2 3 3 cubic ignore", "image 0 3 3 bilinear ignore",
        "image 2 3 3 bilinear ignore more", "image 2 3 9 bilinear ignore", "image 10001 1 3 bilinear ignore",
        "image -2 3 3 bilinear ignore", "image 99999999999999999999 3 3 bilinear ignore"})
    CHECK_FALSE(ImageReading::parse(text));
}

TEST_CASE("read_resized stretches, cuts or pads a picture", "[data][image_reading]") {
  const TemporaryFolder folder;
  write_file(folder / "a.png", encoded(pattern_image(4, 8, 3), "png"));
  ImageReading reading{.size = {2, 2}, .interpolation = data::Interpolation::nearest};
  Tensor<float> out(reading.shape());
  const Image image = pattern_image(4, 8, 3);
  const auto first_after = [&](data::AspectRatio how) {
    reading.aspect_ratio = how;
    data::read_resized(folder / "a.png", reading, out.view());
    return out(0, 0, 0);
  };
  CHECK(first_after(data::AspectRatio::ignore) == image.pixel(1, 2)[0]);
  CHECK(first_after(data::AspectRatio::crop) == image.pixel(1, 3)[0]);  // columns 2 to 5
  CHECK(first_after(data::AspectRatio::pad) == image.pixel(2, 2)[0]);   // one row above is floor(0.5) = 0
}
