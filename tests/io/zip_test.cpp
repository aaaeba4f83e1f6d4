#include <graft/io/zip.hpp>

#include <fstream>

#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

using namespace graft;

namespace {

std::string refusal(const std::function<void()>& call) {
  try {
    call();
  } catch (const FileError& error) {
    return error.what();
  }
  return "accepted";
}

std::string bytes_of(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// An archive of one deflated entry of n zeros, by libzip itself: ZipWriter only stores.
void write_deflated(const std::filesystem::path& path, std::size_t n) {
  const std::string zeros(n, '\0');
  int code = 0;
  zip_t* archive = zip_open(path.c_str(), ZIP_CREATE | ZIP_TRUNCATE, &code);
  REQUIRE(archive != nullptr);
  REQUIRE(zip_file_add(archive, "zeros", zip_source_buffer(archive, zeros.data(), zeros.size(), 0), 0) == 0);
  REQUIRE(zip_close(archive) == 0);
}

}  // namespace

TEST_CASE("entries survive an archive", "[io][zip]") {
  const TemporaryFolder folder;
  const std::string binary("\0\xff\n", 3),
      large(3'000'000, 'x');  // more than the chunks in which an archive is written
  io::ZipWriter writer;
  writer.add("folder/binary", binary);
  writer.add("empty", "");
  writer.add("large", large);
  writer.save(folder / "a.zip");
  const io::ZipFile file(folder / "a.zip");
  CHECK(file.names() == std::set<std::string>{"empty", "folder/binary", "large"});
  CHECK(file.read("folder/binary", 3) == binary);
  CHECK(file.read("empty", 0).empty());
  CHECK(file.read("large", large.size()) == large);
  CHECK_THAT(refusal([&] { file.read("large", large.size() - 1); }),
             ContainsSubstring("claims 3000000 bytes for 'large'"));
  CHECK_THAT(refusal([&] { file.read("none", 1); }), ContainsSubstring("a.zip' has no entry 'none'"));
}

TEST_CASE("equal entries make equal archives", "[io][zip]") {
  const TemporaryFolder folder;
  io::ZipWriter writer;
  writer.add("a", "text");
  writer.save(folder / "1.zip");
  writer.save(folder / "2.zip");
  CHECK(bytes_of(folder / "1.zip") == bytes_of(folder / "2.zip"));
}

TEST_CASE("an entry that inflates to far more than the archive is refused before it is read", "[io][zip]") {
  const TemporaryFolder folder;
  write_deflated(folder / "small.zip", 1000);
  CHECK(io::ZipFile(folder / "small.zip").read("zeros", 1000) == std::string(1000, '\0'));
  write_deflated(folder / "bomb.zip", 10'000'000);
  CHECK_THAT(refusal([&] { io::ZipFile(folder / "bomb.zip").read("zeros", 1 << 30); }),
             ContainsSubstring("claims 10000000 bytes for 'zeros', more than an archive of"));
}

TEST_CASE("names that lead out of a folder and names that occur twice are refused", "[io][zip]") {
  const TemporaryFolder folder;
  const std::string name = GENERATE("../a", "/a", "b/../../a", "..", "b\\a", "C:a");
  io::ZipWriter writer;
  writer.add(name, "text");
  writer.save(folder / "a.zip");
  CHECK_THAT(refusal([&] { io::ZipFile file(folder / "a.zip"); }),
             ContainsSubstring("has an entry called '" + name + "', which does not stay inside the archive"));
}

TEST_CASE("damaged archives are refused", "[io][zip]") {
  const TemporaryFolder folder;
  io::ZipWriter writer;
  writer.add("first", std::string(100, 'a'));
  writer.add("other", "text");
  writer.save(folder / "a.zip");
  const std::string good = bytes_of(folder / "a.zip");
  const auto written = [&](const std::string& bytes) {
    std::ofstream(folder / "b.zip", std::ios::binary) << bytes;
    return refusal([&] { io::ZipFile(folder / "b.zip").read("first", 1000); });
  };
  for (std::size_t n = 0; n < good.size(); ++n)
    CHECK_THAT(written(good.substr(0, n)), StartsWith("'" + (folder / "b.zip").string() + "'"));
  std::string flipped = good;
  flipped[good.find("aaaa") + 50] = 'b';
  CHECK_THAT(written(flipped), ContainsSubstring("has the entry 'first' that is damaged"));
  std::string twice = good;
  for (std::size_t at = twice.find("other"); at != std::string::npos; at = twice.find("other"))
    twice.replace(at, 5, "first");
  CHECK_THAT(written(twice), StartsWith("'" + (folder / "b.zip").string() + "'"));
  CHECK_THAT(refusal([&] { io::ZipFile file(folder / "none.zip"); }), ContainsSubstring("none.zip' cannot be opened"));
  CHECK_THAT(refusal([&] { io::ZipFile file(folder.path()); }), ContainsSubstring("is not a regular file"));
}
