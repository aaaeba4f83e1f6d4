#include <graft/data/folder_index.hpp>

#include "support/catch.hpp"
#include "support/images.hpp"

using namespace graft;
namespace fs = std::filesystem;

namespace {

using Names = std::vector<std::string>;

Names relative(const std::vector<data::ImageFile>& files, const fs::path& root) {
  Names names;
  for (const auto& file : files) names.push_back(file.path.lexically_relative(root).string());
  return names;
}

}  // namespace

TEST_CASE("classes and files are sorted by code point, folders by their whole path", "[data][folder_index]") {
  const TemporaryFolder folder;
  for (const std::string name :
       {"b/z.jpg", "b/A.PNG", "b/sub/1.bmp", "b/sub-2/0.jpeg", "b/sub/deep/3.jpg", "a/x.jpg", "Z/y.jpg", "b/.hid.jpg"})
    write_file(folder / name, "");
  write_file(folder / "b/notes.txt", "");
  write_file(folder / "b/old.gif", "");
  write_file(folder / ".git/x.jpg", "");
  write_file(folder / "stray.jpg", "");
  fs::create_directory(folder / "empty");
  const data::FolderIndex index = data::index_classes(folder.path(), {}, false);
  CHECK(index.class_names == Names{"Z", "a", "b", "empty"});
  // '-' comes before '/' in a path, and a folder before those in it
  CHECK(relative(index.files, folder.path()) == Names{"Z/y.jpg", "a/x.jpg", "b/.hid.jpg", "b/A.PNG", "b/z.jpg",
                                                      "b/sub/1.bmp", "b/sub-2/0.jpeg", "b/sub/deep/3.jpg"});
  CHECK(index.files[0].label == 0);
  CHECK(index.files[7].label == 2);
  REQUIRE(index.others.size() == 2);
  CHECK(index.others[0].filename() == "notes.txt");
}

TEST_CASE("class_names chooses classes and their order", "[data][folder_index]") {
  const TemporaryFolder folder;
  for (const std::string name : {"a/1.jpg", "b/2.jpg", "c/3.jpg"}) write_file(folder / name, "");
  const data::FolderIndex index = data::index_classes(folder.path(), {"c", "a"}, false);
  CHECK(relative(index.files, folder.path()) == Names{"c/3.jpg", "a/1.jpg"});
  CHECK(index.files[0].label == 0);
  CHECK_THROWS_WITH(
      data::index_classes(folder.path(), {"a", "d"}, false),
      ContainsSubstring("Expected: ['a', 'b', 'c'] (or a subset of it), but received: class_names=['a', 'd']"));
}

TEST_CASE("without classes all files below the folder count", "[data][folder_index]") {
  const TemporaryFolder folder;
  for (const std::string name : {"a/1.jpg", "2.jpg"}) write_file(folder / name, "");
  const data::FolderIndex index = data::index_files(folder.path(), false);
  CHECK(relative(index.files, folder.path()) == Names{"2.jpg", "a/1.jpg"});
  CHECK(index.files[0].label == None);
  CHECK(index.class_names.empty());
}

TEST_CASE("links to folders are entered when asked, and loops end", "[data][folder_index]") {
  const TemporaryFolder folder;
  write_file(folder / "a/1.jpg", "");
  write_file(folder / "elsewhere/2.jpg", "");
  fs::create_directory_symlink(folder / "elsewhere", folder / "a/link");
  fs::create_directory_symlink(folder / "a", folder / "a/loop");
  fs::create_symlink("nowhere.jpg", folder / "a/broken.jpg");
  const fs::path root = folder.path();
  CHECK(relative(data::index_classes(root, {"a"}, false).files, root) == Names{"a/1.jpg", "a/broken.jpg"});
  CHECK(relative(data::index_classes(root, {"a"}, true).files, root) ==
        Names{"a/1.jpg", "a/broken.jpg", "a/link/2.jpg"});
}
