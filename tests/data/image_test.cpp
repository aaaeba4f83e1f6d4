#include <graft/data/image.hpp>

#include "support/catch.hpp"
#include "support/images.hpp"

using namespace graft;

namespace {

Image decode(const std::string& bytes, Index channels) {
  return decode_image(std::as_bytes(std::span(bytes)), channels, "test image");
}
bool equal(const Image& a, const Image& b) {
  return a.shape() == b.shape() && std::equal(a.pixel(0, 0), a.pixel(0, 0) + a.view().size(), b.pixel(0, 0));
}

}  // namespace

TEST_CASE("lossless images come back pixel by pixel", "[data][image]") {
  const std::string format = GENERATE("png", "bmp");
  const Image image = pattern_image(7, 10, 3);
  CHECK(equal(decode(encoded(image, format), 3), image));
}

TEST_CASE("a JPEG comes back nearly", "[data][image]") {
  Image smooth(16, 24, 3);
  for (Index y = 0; y < 16; ++y)
    for (Index x = 0; x < 24; ++x) std::fill_n(smooth.pixel(y, x), 3, static_cast<std::uint8_t>(8 * y + 4 * x));
  const Image back = decode(encoded(smooth, "jpg"), 3);
  int worst = 0;
  for (Index y = 0; y < 16; ++y)
    for (Index x = 0; x < 24; ++x) worst = std::max(worst, std::abs(*back.pixel(y, x) - *smooth.pixel(y, x)));
  CHECK(worst <=
        4);  // a quantisation step of quality 95 is at most 12 for the coefficients of a ramp: half of it, spread
}

TEST_CASE("the channels asked for are made", "[data][image]") {
  const std::string color = encoded(pattern_image(5, 4, 3), "png"), gray = encoded(pattern_image(5, 4, 1), "png");
  const Image rgba = decode(color, 4);
  CHECK(rgba.channels() == 4);
  CHECK(rgba.pixel(2, 3)[3] == 255);
  CHECK(rgba.pixel(2, 3)[1] == pattern_image(5, 4, 3).pixel(2, 3)[1]);
  const Image spread = decode(gray, 3);
  CHECK(spread.pixel(1, 1)[0] == pattern_image(5, 4, 1).pixel(1, 1)[0]);
  CHECK(spread.pixel(1, 1)[2] == spread.pixel(1, 1)[0]);
  const Image one = decode(color, 1);
  const Image original = pattern_image(5, 4, 3);
  const auto* p = original.pixel(4, 2);
  CHECK(one.channels() == 1);
  CHECK(std::abs(one.pixel(4, 2)[0] - (0.299 * p[0] + 0.587 * p[1] + 0.114 * p[2])) <= 1.5);
}

TEST_CASE("a photo is turned as its EXIF orientation says", "[data][image][exif]") {
  const std::string upright = encoded(pattern_image(16, 8, 3), "jpg");
  const Image lying = decode(upright, 3);
  const Index last_row = 15, last_column = 7;
  // Where the pixel (y, x) of the image shown lies in the file. Source: the Exif specification's figure.
  using Place = std::pair<Index, Index>;
  const std::vector<std::function<Place(Index, Index)>> from = {
      [](Index y, Index x) { return Place(y, x); },
      [&](Index y, Index x) { return Place(y, last_column - x); },
      [&](Index y, Index x) { return Place(last_row - y, last_column - x); },
      [&](Index y, Index x) { return Place(last_row - y, x); },
      [](Index y, Index x) { return Place(x, y); },
      [&](Index y, Index x) { return Place(last_row - x, y); },
      [&](Index y, Index x) { return Place(last_row - x, last_column - y); },
      [&](Index y, Index x) { return Place(x, last_column - y); }};
  for (int orientation = 1; orientation <= 8; ++orientation) {
    INFO("orientation " << orientation);
    const Image shown = decode(with_orientation(upright, orientation), 3);
    REQUIRE(shown.height() == (orientation < 5 ? 16 : 8));
    REQUIRE(shown.width() == (orientation < 5 ? 8 : 16));
    bool same = true;
    for (Index y = 0; y < shown.height(); ++y)
      for (Index x = 0; x < shown.width(); ++x) {
        const auto [row, column] = from[static_cast<std::size_t>(orientation - 1)](y, x);
        same = same && std::equal(shown.pixel(y, x), shown.pixel(y, x) + 3, lying.pixel(row, column));
      }
    CHECK(same);
  }
}

TEST_CASE("what cannot be decoded is named with its reason", "[data][image][errors]") {
  const std::string jpeg = encoded(pattern_image(16, 16, 3), "jpg");
  CHECK_THROWS_AS(decode("no image", 3), FileError);
  CHECK_THROWS_WITH(decode("no image", 3),
                    StartsWith("'test image' cannot be decoded: it is no JPEG, PNG or BMP image"));
  CHECK_THROWS_WITH(decode(jpeg.substr(0, jpeg.size() - 2), 3),
                    ContainsSubstring("the JPEG is cut") && EndsWith("Replace or remove the file."));
  // The structure is right, the compressed pixels are not: only the decoder can tell.
  std::string png = encoded(pattern_image(4, 4, 3), "png");
  const std::size_t body = png.find("IDAT") + 4;
  const std::size_t length = view_of(png).big32(body - 8);
  png[body] = '\0';  // no zlib stream begins so
  const std::uint32_t crc = data::crc32(view_of(png.substr(body - 4, length + 4)));
  for (std::size_t i = 0; i < 4; ++i) png[body + length + i] = static_cast<char>(crc >> (24 - 8 * i));
  CHECK(data::check_image(view_of(png)).fault.empty());
  CHECK_THROWS_WITH(decode(png, 3), StartsWith("'test image' cannot be decoded: "));
  const TemporaryFolder folder;
  CHECK_THROWS_WITH(read_image(folder / "none.png", 3), ContainsSubstring("none.png' cannot be opened"));
}
