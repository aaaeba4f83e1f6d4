#include <graft/data/prefetcher.hpp>

#include <atomic>
#include <chrono>
#include <numeric>
#include <set>

#include "support/catch.hpp"

using namespace graft;

namespace {

/// Sample i is the number i; takes a time that depends on i, and fails where told.
struct Slow final : data::Source<float> {
  Index n;
  std::vector<Index> bad = {};
  mutable std::atomic<int> loaded{0};

  explicit Slow(Index count, std::vector<Index> failing = {}) : n(count), bad(std::move(failing)) {}
  Index size() const override { return n; }
  data::SampleShapes shapes() const override { return {{{1}}, {}}; }
  std::optional<std::uint64_t> fingerprint() const override { return 1; }
  const std::vector<std::string>& class_names() const override {
    static const std::vector<std::string> none;
    return none;
  }
  bool slow() const override { return true; }
  void prepare(Index rows, Batch<float>& out) const override {
    out.x.resize(1);
    data::reshape(out.x[0], {rows, 1});
  }
  void load(Index id, Index row, Batch<float>& out) const override {
    ++loaded;
    std::this_thread::sleep_for(std::chrono::microseconds((id * 7919) % 200));
    if (std::ranges::find(bad, id) != bad.end()) raise<FileError>("sample ", id);
    out.x[0](row, 0) = static_cast<float>(id);
  }
  void finish(Batch<float>& out) const override { out.x[0].array() += 0.5F; }
  void targets(std::span<const Index>, Batch<float>&) const override {}
};

std::vector<Index> count_up(Index n) {
  std::vector<Index> ids(to_size(n));
  std::iota(ids.begin(), ids.end(), Index{0});
  return ids;
}

}  // namespace

TEST_CASE("batches come in the order asked for, whatever the workers do", "[data][prefetcher][threads]") {
  const Index workers = GENERATE(1, 2, 5), batch_size = GENERATE(1, 4, 100);
  std::vector<Index> order = count_up(37);
  std::ranges::reverse(order);
  data::Prefetcher<float> reader(std::make_shared<Slow>(37), order, batch_size, workers);
  std::size_t at = 0;
  bool right = true;
  for (Batch<float> batch; reader.next(batch);) {
    REQUIRE(batch.size() == std::min<Index>(batch_size, 37 - static_cast<Index>(at)));
    for (Index row = 0; row < batch.size(); ++row, ++at)
      right =
          right && batch.x[0](row, 0) == static_cast<float>(order[at]) + 0.5F && batch.ids[to_size(row)] == order[at];
  }
  CHECK(at == 37);
  CHECK(right);
}

TEST_CASE("decoding runs ahead by a few batches, not by all", "[data][prefetcher][threads]") {
  const auto source = std::make_shared<Slow>(1000);
  data::Prefetcher<float> reader(source, count_up(1000), 4, 2);
  Batch<float> batch;
  CHECK(reader.next(batch));
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  CHECK(source->loaded > 4);
  CHECK(source->loaded <= 4 * (1 + 2));
}

TEST_CASE("the first sample that fails fails its batch, and the reader ends", "[data][prefetcher][threads]") {
  const Index workers = GENERATE(1, 4);
  for (int round = 0; round < 20; ++round) {
    data::Prefetcher<float> reader(std::make_shared<Slow>(20, std::vector<Index>{13, 9, 11}), count_up(20), 8, workers);
    Batch<float> batch;
    CHECK(reader.next(batch));
    CHECK_THROWS_WITH(reader.next(batch), "sample 9");
    CHECK_FALSE(reader.next(batch));
  }
}

TEST_CASE("a reader can be left at any time", "[data][prefetcher][threads]") {
  for (int taken = 0; taken < 5; ++taken) {
    data::Prefetcher<float> reader(std::make_shared<Slow>(100), count_up(100), 3, 3);
    Batch<float> batch;
    for (int i = 0; i < taken; ++i) reader.next(batch);
  }
  SUCCEED("no thread was left behind: destruction joined them all");
}

TEST_CASE("the memory of batches is used again", "[data][prefetcher][threads]") {
  data::Prefetcher<float> reader(std::make_shared<Slow>(400), count_up(400), 4, 2);
  std::set<const float*> blocks;
  for (Batch<float> batch; reader.next(batch);) blocks.insert(batch.x[0].data());
  CHECK(blocks.size() <= 4);  // three slots at most, and the consumer's
}

TEST_CASE("nothing to read is no batch", "[data][prefetcher][threads]") {
  data::Prefetcher<float> reader(std::make_shared<Slow>(0), {}, 4, 2);
  Batch<float> batch;
  CHECK_FALSE(reader.next(batch));
}
