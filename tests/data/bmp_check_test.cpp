#include <graft/data/bmp_check.hpp>

#include "support/catch.hpp"
#include "support/images.hpp"

using namespace graft;

namespace {

std::string little(std::uint64_t n, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text += static_cast<char>(n >> 8 * i);
  return text;
}
struct Bmp {
  std::uint32_t header = 40, width = 5, height = 3, bits = 24, compression = 0;
  std::size_t pixels = 48;  // rows of 15 bytes, padded to 16

  std::string bytes() const {
    const std::string info = little(header, 4) + little(width, 4) + little(height, 4) + little(1, 2) + little(bits, 2) +
                             little(compression, 4) + std::string(20, '\0');
    return "BM" + little(0, 8) + little(54, 4) + info + std::string(pixels, '\7');
  }
};

data::ImageInfo check(const std::string& bytes) { return data::check_bmp(view_of(bytes)); }

}  // namespace

TEST_CASE("a BMP tells its size, upside down or not", "[data][bmp_check]") {
  const std::uint32_t height = GENERATE(3u, static_cast<std::uint32_t>(-3));
  const data::ImageInfo info = check(Bmp{.height = height}.bytes());
  CHECK(info.fault.empty());
  CHECK(info.height == 3);
  CHECK(info.width == 5);
}

TEST_CASE("a BMP with the old short header is read", "[data][bmp_check]") {
  const std::string bytes = "BM" + little(0, 8) + little(26, 4) + little(12, 4) + little(5, 2) + little(3, 2) +
                            little(1, 2) + little(24, 2) + std::string(48, '\7');
  CHECK(check(bytes).fault.empty());
  CHECK(check(bytes).width == 5);
  CHECK_THAT(check(bytes.substr(0, 73)).fault, StartsWith("the BMP is cut"));
}

TEST_CASE("a BMP that is cut or of an unknown kind is refused", "[data][bmp_check]") {
  CHECK(check(Bmp{.pixels = 47}.bytes()).fault == "the BMP is cut: it needs 102 bytes and has 101");
  CHECK_THAT(check("BM short").fault, StartsWith("the BMP is cut: its header is missing"));
  CHECK(check(Bmp{.header = 41}.bytes()).fault ==
        "the BMP has a header of 41 bytes; 12, 40, 56, 108 and 124 are supported");
  CHECK(check(Bmp{.compression = 1}.bytes()).fault == "it is a compressed BMP, which is not supported");
  CHECK(check(Bmp{.bits = 7}.bytes()).fault == "the BMP has 7 bits per pixel; 1, 4, 8, 16, 24 and 32 are supported");
  CHECK(check(Bmp{.width = 0}.bytes()).fault == "it has 0 x 3 pixels");
  CHECK_THAT(check(Bmp{.width = 0x7FFFFFFF, .height = 0x80000000u}.bytes()).fault,
             EndsWith("at most 100 million are decoded"));
}
