#include "support/catch.hpp"

#include <atomic>
#include <graft/core/thread_pool.hpp>
#include <thread>
#include <vector>

using namespace graft;

TEST_CASE("ThreadPool calls every item once, with slots in range", "[core][threads]") {
  ThreadPool pool(GENERATE(1, 2, 3, 7));
  const Index n = GENERATE(0, 1, 2, 100);
  std::vector<std::atomic<int>> calls(to_size(n));
  std::atomic<bool> slots_fit{true};
  for (int round = 0; round < 20; ++round)
    pool.each(n, [&](Index i, Index slot) {
      ++calls[to_size(i)];
      if (slot < 0 || slot >= pool.threads()) slots_fit = false;
    });
  CHECK(slots_fit);
  for (const auto& c : calls) REQUIRE(c == 20);
}

TEST_CASE("An exception in a worker reaches the caller, and the pool goes on", "[core][threads]") {
  ThreadPool pool(3);
  for (int round = 0; round < 10; ++round)
    CHECK_THROWS_WITH(pool.each(50,
                                [](Index i, Index) {
                                  if (i == 33) raise<StateError>("item 33");
                                }),
                      "item 33");
  std::atomic<Index> sum{0};
  pool.each(10, [&](Index i, Index) { sum += i; });
  CHECK(sum == 45);
}

TEST_CASE("Nested and concurrent calls run inline", "[core][threads]") {
  ThreadPool pool(3);
  std::atomic<Index> count{0};
  pool.each(4, [&](Index, Index) { pool.each(5, [&](Index, Index) { ++count; }); });
  CHECK(count == 20);
  std::vector<std::thread> callers;
  for (int i = 0; i < 4; ++i)
    callers.emplace_back([&] {
      for (int round = 0; round < 50; ++round) pool.each(10, [&](Index, Index) { ++count; });
    });
  for (auto& caller : callers) caller.join();
  CHECK(count == 20 + 4 * 50 * 10);
}

TEST_CASE("Many short loops on more threads than processors: every item once, none after its loop", "[core][threads]") {
  ThreadPool pool(9);
  std::vector<int> items(16);
  for (int round = 0; round < 20000; ++round) {
    const Index n = 2 + round % 15;
    pool.each(n, [&](Index i, Index) { ++items[to_size(i)]; });
    // Not atomic: a late worker would race with this.
    for (Index i = 0; i < n; ++i) --items[to_size(i)];
  }
  CHECK(items == std::vector<int>(16, 0));
}

TEST_CASE("At least one thread is needed", "[core][threads]") {
  CHECK_THROWS_WITH(ThreadPool(0), "set_num_threads: at least one thread is needed, got 0.");
}
