#pragma once
#include <condition_variable>
#include <exception>
#include <graft/data/source.hpp>
#include <mutex>
#include <system_error>
#include <thread>

namespace graft::data {

/// Fills batches of a source in worker threads of its own, some batches ahead of the consumer. Every worker takes the
/// next row, so all work on the batch that is needed first; which worker takes it changes nothing. A row that fails
/// fails its batch: next() throws it when the consumer gets there, and ends. Destruction stops the workers.
template <class S>
class Prefetcher {
 public:
  Prefetcher(std::shared_ptr<const Source<S>> source, std::vector<Index> order, Index batch_size, Index workers)
      : source_(std::move(source)), order_(std::move(order)), batch_size_(batch_size) {
    // Two batches ahead, and with small batches enough that every worker has a row.
    const Index batches = (rows() + batch_size - 1) / batch_size;
    slots_.resize(to_size(std::min(batches, 2 + (workers - 1) / batch_size)));
    for (Index i = 0; i < std::min(workers, rows()); ++i) add_worker();
  }
  ~Prefetcher() {
    {
      const std::lock_guard lock(mutex_);
      stop_ = true;
    }
    room_.notify_all();
    for (std::thread& worker : workers_) worker.join();
  }
  Prefetcher(const Prefetcher&) = delete;
  Prefetcher& operator=(const Prefetcher&) = delete;

  /// Waits for the next batch and swaps it in, so that the memory of `out` is used again. False at the end.
  bool next(Batch<S>& out) {
    std::unique_lock lock(mutex_);
    if (taken_ * batch_size_ >= rows()) return false;
    Slot& slot = slot_of(taken_);
    ready_.wait(lock, [&] { return slot.ready; });
    if (slot.error) {
      taken_ = rows();
      std::rethrow_exception(slot.error);
    }
    std::swap(out, slot.batch);
    slot.ready = false;
    ++taken_;
    lock.unlock();
    room_.notify_all();
    return true;
  }

 private:
  struct Slot {
    Batch<S> batch;
    Index left = 0;  // rows that are not loaded yet
    bool ready = false;
    std::exception_ptr error;
    Index error_row = None;
  };

  // One is enough; a system that refuses more is no error.
  void add_worker() {
    try {
      workers_.emplace_back([this] { work(); });
    } catch (const std::system_error&) {
      if (workers_.empty()) throw;
    }
  }
  Index rows() const { return static_cast<Index>(order_.size()); }
  Slot& slot_of(Index batch) { return slots_[to_size(batch) % slots_.size()]; }
  bool has_room() const { return next_ / batch_size_ < taken_ + static_cast<Index>(slots_.size()); }

  void work() {
    std::unique_lock lock(mutex_);
    while (true) {
      room_.wait(lock, [&] { return stop_ || next_ == rows() || has_room(); });
      if (stop_ || next_ == rows()) return;
      const Index at = next_++, row = at % batch_size_;
      Slot& slot = slot_of(at / batch_size_);
      std::exception_ptr error = row == 0 ? run([&] { start(slot, at); }) : nullptr;
      note(slot, row, error);
      const bool failed = slot.error != nullptr;
      lock.unlock();
      error = failed ? nullptr : run([&] { source_->load(order_[to_size(at)], row, slot.batch); });
      lock.lock();
      note(slot, row, error);
      if (--slot.left > 0) continue;
      if (!slot.error) {
        lock.unlock();
        error = run([&] { source_->finish(slot.batch); });
        lock.lock();
        note(slot, 0, error);
      }
      slot.ready = true;
      ready_.notify_all();
    }
  }
  void start(Slot& slot, Index at) {
    const Index rows_here = std::min(batch_size_, rows() - at);
    slot.left = rows_here;
    slot.batch.ids.assign(order_.begin() + at, order_.begin() + at + rows_here);
    source_->prepare(rows_here, slot.batch);
  }
  template <class F>
  static std::exception_ptr run(F&& f) {
    try {
      f();
    } catch (...) {
      return std::current_exception();
    }
    return nullptr;
  }
  // Of several rows that fail the first one counts, whichever worker was quicker: rows are taken in order.
  static void note(Slot& slot, Index row, std::exception_ptr error) {
    if (!error || (slot.error && slot.error_row <= row)) return;
    slot.error = error;
    slot.error_row = row;
  }

  std::shared_ptr<const Source<S>> source_;
  const std::vector<Index> order_;
  const Index batch_size_;
  std::mutex mutex_;
  std::condition_variable room_, ready_;
  std::vector<Slot> slots_;
  Index next_ = 0, taken_ = 0;  // the next row to load, the next batch to hand out
  bool stop_ = false;
  std::vector<std::thread> workers_;
};

}  // namespace graft::data
