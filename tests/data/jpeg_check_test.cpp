#include <graft/data/jpeg_check.hpp>

#include "support/catch.hpp"
#include "support/images.hpp"

using namespace graft;

namespace {

const std::string start = "\xFF\xD8", end = "\xFF\xD9";

std::string segment(char marker, const std::string& body) {
  const auto length = body.size() + 2;
  return std::string{'\xFF', marker, static_cast<char>(length >> 8), static_cast<char>(length & 255)} + body;
}
// precision, height, width, components
std::string frame(char marker, char precision, unsigned height, unsigned width, char components) {
  return segment(marker, {precision, static_cast<char>(height >> 8), static_cast<char>(height & 255),
                          static_cast<char>(width >> 8), static_cast<char>(width & 255), components});
}
const std::string baseline = frame('\xC0', 8, 4, 6, 3), scan = segment('\xDA', "header");

data::ImageInfo check(const std::string& bytes) {
  const data::ByteView view = view_of(bytes);
  return data::JpegCheck(view).run();
}

}  // namespace

TEST_CASE("a JPEG's scans are walked to the end marker", "[data][jpeg_check]") {
  const data::ImageInfo info = check(start + baseline + scan + std::string("data\xFF\0more\xFF\xD3rest", 15) + end);
  CHECK(info.fault.empty());
  CHECK(info.height == 4);
  CHECK(info.width == 6);
  CHECK(check(start + baseline + scan + "a" + scan + "b" + end).fault.empty());
  CHECK(check(start + baseline + scan + "a\xFF\xFF\xFF\xD9").fault.empty());
  CHECK(check(start + baseline + scan + "a" + end + "what cameras append").fault.empty());
  CHECK(check(start + "\xFF\x01" + frame('\xC2', 8, 4, 6, 1) + scan + "a" + end).fault.empty());
}

TEST_CASE("a JPEG without its end marker is cut, also behind a thumbnail that has one", "[data][jpeg_check]") {
  const std::string cut = "the JPEG is cut: its end marker is missing after ";
  CHECK_THAT(check(start + baseline + scan + "data").fault, StartsWith(cut));
  CHECK_THAT(check(start + segment('\xE2', "thumbnail" + end) + baseline + scan + "data").fault, StartsWith(cut));
  CHECK_THAT(check(start + baseline + scan + "data" + std::string(100, '\0')).fault, StartsWith(cut));
  CHECK_THAT(check(start + baseline + scan + "data\xFF").fault, StartsWith(cut));
  CHECK_THAT(check(start + "\xFF\xE0\x01").fault, StartsWith(cut));
}

TEST_CASE("a damaged JPEG is told from a cut one", "[data][jpeg_check]") {
  CHECK(check(start + "xx").fault == "the JPEG is damaged: no marker at byte 2");
  CHECK(check(start + std::string("\xFF\xE0\0\x01", 4) + end).fault ==
        "the JPEG is damaged: a segment of length 1 at byte 4");
  CHECK(check(start + scan + "a" + end).fault == "the JPEG is damaged: a scan before the frame");
  CHECK(check(start + baseline + end).fault == "the JPEG holds no image");
}

TEST_CASE("a Huffman table with too many codes, or cut short, is refused", "[data][jpeg_check]") {
  const auto fault = [](const std::string& tables) {
    return check(start + segment('\xC4', tables) + baseline + scan + "a" + end).fault;
  };
  const std::string two_codes = std::string(1, '\0') + std::string(1, '\2') + std::string(15, '\0') + "ab";
  CHECK(fault(two_codes + two_codes).empty());
  CHECK(fault(std::string(1, '\0') + std::string(16, '\xFF')) == "the JPEG is damaged: a Huffman table of 4080 codes");
  CHECK(fault(std::string(1, '\0') + std::string(16, '\x11') + std::string(272, 'c')) ==
        "the JPEG is damaged: a Huffman table of 272 codes");
  CHECK(fault(two_codes.substr(0, 18)) == "the JPEG is damaged: a Huffman table of 2 codes");
  CHECK_FALSE(fault(two_codes.substr(0, 9)).empty());
}

TEST_CASE("a JPEG that the decoder cannot read is refused", "[data][jpeg_check]") {
  const auto fault = [](const std::string& f) { return check(start + f + scan + "a" + end).fault; };
  for (const char marker : {'\xC3', '\xC5', '\xC9', '\xCF'})
    CHECK(fault(frame(marker, 8, 4, 6, 3)) ==
          "it is a lossless, hierarchical or arithmetic-coded JPEG, which is not supported");
  CHECK(fault(frame('\xC1', 12, 4, 6, 3)) == "the JPEG has 12 bits per channel; 8 are supported");
  CHECK(fault(frame('\xC0', 8, 4, 6, 2)) == "the JPEG has 2 channels; 1, 3 and 4 are supported");
  CHECK(fault(frame('\xC0', 8, 65535, 65535, 3)) == "it has 65535 x 65535 pixels; at most 100 million are decoded");
  CHECK(fault(frame('\xC0', 8, 0, 6, 3)) == "it has 6 x 0 pixels");
}

TEST_CASE("a JPEG tells the orientation in its EXIF segment", "[data][jpeg_check]") {
  CHECK(check(with_orientation(start + baseline + scan + "a" + end, 6)).orientation == 6);
}
