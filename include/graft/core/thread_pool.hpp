#pragma once
#include <algorithm>
#include <atomic>
#include <exception>
#include <graft/core/error.hpp>
#include <graft/core/index.hpp>
#include <memory>
#include <mutex>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

namespace graft {

/// A fixed set of threads that share loops. each(n, f) calls f(item, slot) once for every item 0 .. n - 1; slot <
/// threads() names the caller's scratch area. Every slot begins with its own share of the items, the same one in every
/// loop of n items, so that what a thread wrote in one loop it reads from its own cache in the next; then it helps the
/// others. A nested call, and a call while another thread uses the pool, run in the calling thread with slot 0. An
/// exception in f reaches the caller after all threads have stopped. No result may depend on which thread takes an
/// item, so the bits do not depend on the number of threads. Nobody waits for a thread that has no processor: a loop is
/// over when its items are, whoever came.
class ThreadPool {
 public:
  explicit ThreadPool(Index threads) : threads_(threads), shares_(to_size(std::max<Index>(0, threads))) {
    if (threads < 1) raise<ArgumentError>("set_num_threads: at least one thread is needed, got ", threads, ".");
    for (Index slot = 1; slot < threads; ++slot) workers_.emplace_back([this, slot] { work(slot); });
  }
  ~ThreadPool() {
    stop_ = true;
    open();
    for (std::thread& worker : workers_) worker.join();
  }
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  Index threads() const { return threads_; }

  template <class F>
  void each(Index n, F&& f) {
    if (threads_ == 1 || n <= 1 || busy_here() || !owner_.try_lock()) {
      for (Index i = 0; i < n; ++i) f(i, Index{0});
      return;
    }
    const std::lock_guard hold(owner_, std::adopt_lock);
    for (Index slot = 0; slot < threads_; ++slot) {
      shares_[to_size(slot)].next = n * slot / threads_;
      shares_[to_size(slot)].end = n * (slot + 1) / threads_;
    }
    call_ = [](void* g, Index item, Index slot) { (*static_cast<std::remove_reference_t<F>*>(g))(item, slot); };
    argument_ = const_cast<void*>(static_cast<const void*>(&f));
    error_ = nullptr;
    open();
    take_items(0);
    state_.fetch_sub(is_open);  // who comes now comes too late
    for (Index spin = 0; (state_.load() & (one_round - 1)) != 0; ++spin)
      if (spin > spins) std::this_thread::yield();
    if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
  }

 private:
  // About 20 microseconds: kernels follow one another faster than a sleeping thread wakes up.
  static constexpr Index spins = 20000;
  // The state is one number: the round, how many workers are inside, and whether more may enter.
  static constexpr unsigned is_open = 1, one_worker = 2, one_round = 1 << 13;

  static bool& busy_here() {
    thread_local bool busy = false;
    return busy;
  }
  void open() {
    state_.fetch_add(one_round + is_open);
    state_.notify_all();
  }
  void work(Index slot) {
    unsigned done = 0;
    const auto is_new = [&](unsigned state) { return (state & is_open) != 0 && state / one_round != done; };
    while (!stop_) {
      unsigned state = state_.load();
      for (Index spin = 0; spin < spins && !is_new(state); ++spin) state = state_.load();
      if (!is_new(state)) {
        state_.wait(state);
      } else if (state_.compare_exchange_weak(state, state + one_worker)) {
        done = state / one_round;
        if (!stop_) take_items(slot);
        state_.fetch_sub(one_worker);
      }
    }
  }
  void take_items(Index slot) {
    busy_here() = true;
    try {
      for (Index k = 0; k < threads_; ++k) {
        Share& share = shares_[to_size((slot + k) % threads_)];
        for (Index i; (i = share.next.fetch_add(1)) < share.end;) call_(argument_, i, slot);
      }
    } catch (...) {
      const std::lock_guard lock(error_mutex_);
      if (!error_) error_ = std::current_exception();
      for (Share& share : shares_) share.next = share.end;
    }
    busy_here() = false;
  }

  /// The items next .. end - 1 are to be done. On a cache line of its own: every thread writes to its own share only,
  /// until it helps.
  struct alignas(64) Share {
    std::atomic<Index> next{0};
    Index end = 0;
  };

  const Index threads_;
  std::vector<Share> shares_;
  std::vector<std::thread> workers_;
  std::mutex owner_, error_mutex_;
  std::atomic<unsigned> state_{0};
  std::atomic<bool> stop_{false};
  void (*call_)(void*, Index, Index) = nullptr;
  void* argument_ = nullptr;
  std::exception_ptr error_;
};

namespace detail {

inline std::shared_ptr<ThreadPool>& pool_slot() {
  static auto pool = std::make_shared<ThreadPool>(std::max<Index>(1, std::thread::hardware_concurrency()));
  return pool;
}

}  // namespace detail

/// The pool that every kernel uses; as many threads as the machine has cores unless set_num_threads() was called.
inline ThreadPool& thread_pool() { return *detail::pool_slot(); }

/// Must not be called while another thread computes. Results do not depend on n. Throws ArgumentError if n < 1.
inline void set_num_threads(Index n) { detail::pool_slot() = std::make_shared<ThreadPool>(n); }

}  // namespace graft
