#include <graft/data/image_check.hpp>

#include "support/catch.hpp"
#include "support/images.hpp"

using namespace graft;

namespace {

std::string fault(const std::string& bytes) { return data::check_image(view_of(bytes)).fault; }

}  // namespace

TEST_CASE("whole images of every kind have no fault and tell their size", "[data][image_check]") {
  const std::string format = GENERATE("jpg", "png", "bmp");
  const Index channels = GENERATE(1, 3, 4);
  const data::ImageInfo info = data::check_image(view_of(encoded(pattern_image(21, 34, channels), format)));
  CHECK(info.fault.empty());
  CHECK(info.height == 21);
  CHECK(info.width == 34);
  CHECK(info.orientation == 1);
}

TEST_CASE("an image cut anywhere has a fault", "[data][image_check]") {
  const std::string format = GENERATE("jpg", "png", "bmp");
  const std::string whole = encoded(pattern_image(9, 14, 3), format);
  for (std::size_t n = 0; n < whole.size(); ++n) {
    INFO(n << " of " << whole.size() << " bytes");
    REQUIRE_FALSE(fault(whole.substr(0, n)).empty());
  }
}

TEST_CASE("bytes that are no image are named by what they are", "[data][image_check]") {
  CHECK(fault("") == "the file is empty");
  CHECK(fault("hello world\n, this is no photo") ==
        "it is no JPEG, PNG or BMP image: it starts with 'hello world., th'");
  CHECK(fault("GIF89a....") == "it is a GIF image; JPEG, PNG and BMP are supported");
  CHECK(fault(std::string("RIFF\0\0\0\0WEBPVP8 ", 16)) == "it is a WebP image; JPEG, PNG and BMP are supported");
  CHECK(fault(std::string("II*\0rest", 8)) == "it is a TIFF image; JPEG, PNG and BMP are supported");
  CHECK(fault(std::string("MM\0*rest", 8)) == "it is a TIFF image; JPEG, PNG and BMP are supported");
  CHECK(fault(std::string("\0\0\0\x18"
                          "ftypheic",
                          12)) == "it is an HEIF or AVIF image; JPEG, PNG and BMP are supported");
  CHECK_THAT(fault("MMore text"), StartsWith("it is no JPEG, PNG or BMP image"));
}

TEST_CASE("sniff_image reads the content, not the name", "[data][image_check]") {
  const TemporaryFolder folder;
  write_file(folder / "png_inside.jpg", encoded(pattern_image(3, 3, 3), "png"));
  write_file(folder / "text.jpg", "only text");
  CHECK_FALSE(sniff_image(folder / "png_inside.jpg"));
  CHECK_THAT(*sniff_image(folder / "text.jpg"), ContainsSubstring("it starts with 'only text'"));
  CHECK_THAT(*sniff_image(folder / "none.jpg"), ContainsSubstring("cannot be opened: No such file"));
  CHECK_THAT(*sniff_image(folder.path()), ContainsSubstring("is not a regular file"));
}

TEST_CASE("images of absurd sizes are refused before decoding", "[data][image_check]") {
  CHECK(data::size_fault(10000, 10000).empty());
  CHECK(data::size_fault(10000, 10001) == "it has 10001 x 10000 pixels; at most 100 million are decoded");
  CHECK(data::size_fault(0, 5) == "it has 5 x 0 pixels");
  CHECK_FALSE(data::size_fault(Index{1} << 40, Index{1} << 40).empty());
}
