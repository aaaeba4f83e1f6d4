#include <graft/plan/feature_store.hpp>

#include "support/catch.hpp"
#include "support/temporary_folder.hpp"

using namespace graft;
using Store = plan::FeatureStore<float>;

namespace {

const Shape rows{10, 4};  // 160 bytes

}  // namespace

TEST_CASE("Features are found by their key until they are removed", "[plan][features]") {
  Store store;
  CHECK(store.find(7) == nullptr);
  const auto added = store.add(7, rows, {}, true);
  REQUIRE(added);
  added->row(3)[1] = 5;
  CHECK(store.find(7)->row(3)[1] == 5);
  CHECK(added->row(3) - added->row(0) == 12);
  CHECK(added->bytes() == 160);
  CHECK(store.used(false) == 160);
  store.remove(7);
  CHECK(store.find(7) == nullptr);
  CHECK(store.used(false) == 0);
}

TEST_CASE("What is needed goes to a file where memory is full; what is only useful is left out", "[plan][features]") {
  Store store;
  const TemporaryFolder folder;
  const plan::FeatureCacheOptions options{.memory_limit = 200, .file_limit = 200, .folder = folder.path().string()};
  CHECK_FALSE(store.add(1, rows, options, true)->in_file());
  CHECK(store.add(2, rows, options, false) == nullptr);
  const auto in_file = store.add(2, rows, options, true);
  REQUIRE(in_file);
  CHECK(in_file->in_file());
  CHECK(store.used(true) == 160);
  for (Index i = 0; i < 10; ++i) in_file->row(i)[0] = static_cast<float>(i);
  CHECK(store.find(2)->row(9)[0] == 9);
  CHECK(std::filesystem::is_empty(folder.path()));  // unlinked at once
  CHECK(store.add(3, rows, options, true) == nullptr);
}

TEST_CASE("No folder to write in, no features", "[plan][features]") {
  Store store;
  CHECK(store.add(1, rows, {.memory_limit = 0, .folder = "/nonexistent/folder"}, true) == nullptr);
  CHECK_FALSE(plan::ScratchFile::create("/nonexistent/folder", 100));
}

TEST_CASE("What the last two rounds did not use makes room for what is needed", "[plan][features]") {
  Store store;
  const plan::FeatureCacheOptions options{.memory_limit = 200, .file_limit = 0};
  REQUIRE(store.add(1, rows, options, true));
  store.next_round();
  CHECK(store.add(2, rows, options, true) == nullptr);  // the phase before may come back
  store.next_round();
  CHECK(store.add(2, rows, options, true));
  CHECK(store.find(1) == nullptr);
}
