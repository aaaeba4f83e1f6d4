#include <graft/io/atomic_file.hpp>

#include <fstream>

#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

using namespace graft;
namespace fs = std::filesystem;

namespace {

std::string text_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}
void write_text(const fs::path& path, const std::string& text) { std::ofstream(path, std::ios::binary) << text; }
std::ptrdiff_t entries(const fs::path& folder) { return std::distance(fs::directory_iterator(folder), {}); }

}  // namespace

TEST_CASE("AtomicFile shows nothing before commit and everything after", "[io][atomic_file]") {
  const TemporaryFolder folder;
  const fs::path path = folder / "model.bin";
  write_text(path, "old");
  {
    io::AtomicFile file(path);
    file.write("new ");
    file.write("bytes");
    CHECK(text_of(path) == "old");
    file.commit();
    CHECK(text_of(path) == "new bytes");
  }
  CHECK(entries(folder.path()) == 1);
}

TEST_CASE("AtomicFile without commit leaves the old file and nothing beside it", "[io][atomic_file]") {
  const TemporaryFolder folder;
  write_text(folder / "model.bin", "old");
  { io::AtomicFile(folder / "model.bin").write("half of the n"); }
  CHECK(text_of(folder / "model.bin") == "old");
  CHECK(entries(folder.path()) == 1);
}

TEST_CASE("AtomicFile keeps permissions and follows a symbolic link", "[io][atomic_file]") {
  const TemporaryFolder folder;
  write_text(folder / "real", "old");
  fs::permissions(folder / "real", fs::perms::owner_read | fs::perms::owner_write);
  fs::create_symlink(folder / "real", folder / "link");
  io::AtomicFile file(folder / "link");
  file.write("new");
  file.commit();
  CHECK(fs::is_symlink(folder / "link"));
  CHECK(text_of(folder / "real") == "new");
  CHECK(fs::status(folder / "real").permissions() == (fs::perms::owner_read | fs::perms::owner_write));
}

TEST_CASE("AtomicFile says why a path cannot be written", "[io][atomic_file][errors]") {
  const TemporaryFolder folder;
  CHECK_THROWS_WITH(io::AtomicFile(folder.path()), ContainsSubstring("is a folder. Give the path of a file in it."));
  CHECK_THROWS_WITH(io::AtomicFile(folder / "none" / "x"), ContainsSubstring("none' does not exist. Create it first."));
  CHECK_THROWS_WITH(io::AtomicFile(""), ContainsSubstring("names no file to write"));
  CHECK_THROWS_AS(io::AtomicFile(""), FileError);
}
