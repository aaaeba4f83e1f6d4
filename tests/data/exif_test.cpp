#include <graft/data/exif.hpp>

#include "support/catch.hpp"
#include "support/images.hpp"

using namespace graft;

namespace {

// The segment's payload: behind the JPEG's start (2), the marker (2) and the length (2).
std::string payload(int orientation, bool big_endian) {
  return with_orientation("\xFF\xD8", orientation, big_endian).substr(6);
}

}  // namespace

TEST_CASE("the EXIF orientation is read in both byte orders", "[data][exif]") {
  const bool big_endian = GENERATE(false, true);
  for (int orientation = 1; orientation <= 8; ++orientation)
    CHECK(data::exif_orientation(view_of(payload(orientation, big_endian))) == orientation);
}

TEST_CASE("EXIF data that make no sense count as upright", "[data][exif]") {
  CHECK(data::exif_orientation(view_of(payload(0, false))) == 1);
  CHECK(data::exif_orientation(view_of(payload(9, false))) == 1);
  CHECK(data::exif_orientation(view_of("http://ns.adobe.com/xap/1.0/")) == 1);
  CHECK(data::exif_orientation(view_of("")) == 1);
  std::string wrong = payload(6, false);
  wrong[6] = 'X';  // neither II nor MM
  CHECK(data::exif_orientation(view_of(wrong)) == 1);
  wrong = payload(6, false);
  wrong[10] = wrong[11] = wrong[12] = wrong[13] = '\xFF';  // the directory lies 4 GB away
  CHECK(data::exif_orientation(view_of(wrong)) == 1);
}

TEST_CASE("cut EXIF data are never read past their end", "[data][exif]") {
  const std::string whole = payload(6, true);
  for (std::size_t n = 0; n < whole.size(); ++n) {
    const int found = data::exif_orientation(view_of(whole.substr(0, n)));
    CHECK((found == 1 || found == 6));
  }
}
