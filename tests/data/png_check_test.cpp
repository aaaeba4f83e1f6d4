#include <graft/data/png_check.hpp>

#include "support/catch.hpp"
#include "support/images.hpp"

using namespace graft;

namespace {

const std::string signature = "\x89PNG\r\n\x1A\n";

std::string big(std::uint32_t n) {
  return {static_cast<char>(n >> 24), static_cast<char>(n >> 16), static_cast<char>(n >> 8), static_cast<char>(n)};
}
std::string chunk(const std::string& type, const std::string& body) {
  return big(static_cast<std::uint32_t>(body.size())) + type + body + big(data::crc32(view_of(type + body)));
}
std::string header(std::uint32_t width, std::uint32_t height, int depth, int color, int interlace = 0) {
  const auto byte = [](int n) { return static_cast<char>(n); };
  return chunk("IHDR", big(width) + big(height) + std::string{byte(depth), byte(color), 0, 0, byte(interlace)});
}
const std::string rgb = header(6, 4, 8, 2), pixels = chunk("IDAT", "zlib"), end = chunk("IEND", "");

data::ImageInfo check(const std::string& chunks) { return data::check_png(view_of(signature + chunks)); }

}  // namespace

TEST_CASE("the checksum is the one of zip and PNG", "[data][png_check]") {
  CHECK(data::crc32(view_of("123456789")) == 0xCBF43926u);  // the check value of the CRC catalogue
  CHECK(data::crc32(view_of("")) == 0);
}

TEST_CASE("a PNG tells its size, whatever chunks lie between", "[data][png_check]") {
  const data::ImageInfo info = check(rgb + chunk("tEXt", "words") + pixels + pixels + end + "rest");
  CHECK(info.fault.empty());
  CHECK(info.height == 4);
  CHECK(info.width == 6);
}

TEST_CASE("a damaged or cut PNG is refused", "[data][png_check]") {
  CHECK_THAT(check(rgb + pixels).fault, StartsWith("the PNG is cut: its end is missing after "));
  CHECK_THAT(check(rgb + big(0xFFFFFFFFu) + "IDAT....").fault, StartsWith("the PNG is cut"));
  std::string changed = rgb + pixels + end;
  changed[rgb.size() + 9] ^= 1;
  CHECK(check(changed).fault == "the PNG is damaged: the checksum of its chunk at byte 33 is wrong");
  CHECK(check(chunk("CgBI", "") + rgb + pixels + end).fault == "the PNG is damaged: it does not begin with its header");
  CHECK(check(rgb + rgb + pixels + end).fault == "the PNG is damaged: it has two headers");
  CHECK(check(rgb + end).fault == "the PNG holds no image");
}

TEST_CASE("a PNG header that names no valid kind is refused", "[data][png_check]") {
  const std::string invalid = "the PNG is damaged: its header names no valid kind of image";
  for (const int depth : {0, 3, 32, 127}) CHECK(check(header(6, 4, depth, 0) + pixels + end).fault == invalid);
  for (const int color : {1, 5, 7, 127}) CHECK(check(header(6, 4, 8, color) + pixels + end).fault == invalid);
  CHECK(check(header(6, 4, 4, 2) + pixels + end).fault == invalid);
  CHECK(check(header(6, 4, 16, 3) + pixels + end).fault == invalid);
  CHECK(check(header(6, 4, 8, 2, 2) + pixels + end).fault == invalid);
  CHECK(check(chunk("IHDR", "short") + pixels + end).fault == invalid);
  for (const int depth : {1, 2, 4, 8, 16}) CHECK(check(header(6, 4, depth, 0, 1) + pixels + end).fault.empty());
  CHECK(check(header(0xFFFFFFFFu, 0xFFFFFFFFu, 8, 2) + pixels + end).fault ==
        "it has 4294967295 x 4294967295 pixels; at most 100 million are decoded");
}
