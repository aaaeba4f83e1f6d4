#include <graft/io/file.hpp>

#include <fstream>

#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

using namespace graft;

TEST_CASE("File reads at any offset", "[io][file]") {
  const TemporaryFolder folder;
  std::ofstream(folder / "digits") << "0123456789";
  const io::File file = io::File::open_for_reading(folder / "digits");
  CHECK(file.size() == 10);
  std::string text(3, ' ');
  file.read_at(6, std::as_writable_bytes(std::span(text)));
  CHECK(text == "678");
}

TEST_CASE("File names the path and the reason of a failure", "[io][file][errors]") {
  const TemporaryFolder folder;
  std::ofstream(folder / "digits") << "0123456789";
  CHECK_THROWS_WITH(io::File::open_for_reading(folder / "none"),
                    ContainsSubstring("none' cannot be opened: No such file or directory."));
  CHECK_THROWS_WITH(io::File::open_for_reading(folder.path()), ContainsSubstring("is not a regular file."));
  CHECK_THROWS_AS(io::File::open_for_reading(folder / "none"), FileError);
  std::string text(3, ' ');
  CHECK_THROWS_WITH(io::File::open_for_reading(folder / "digits").read_at(8, std::as_writable_bytes(std::span(text))),
                    ContainsSubstring("ended while it was read"));
  CHECK_THROWS_WITH(io::read_file(folder / "digits", 9), ContainsSubstring("has 10 bytes; at most 9 are read."));
  CHECK(io::read_file(folder / "digits", 10).size() == 10);
}
