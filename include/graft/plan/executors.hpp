#pragma once
#include <graft/plan/executor.hpp>
#include <list>

namespace graft::plan {

/// The largest number of samples, halving from `batch`, whose arena stays within `bytes`; at least 1. For runs whose
/// bits do not depend on it.
template <class Scalar>
Index choose_chunk(const std::shared_ptr<const Program<Scalar>>& program, const Part<Scalar>& part, Index batch,
                   Index bytes) {
  Index n = std::max<Index>(batch, 1);
  while (n > 1 && Binding<Scalar>(program, part, n).bytes() > bytes) n = (n + 1) / 2;
  return n;
}

/// About 12 images of VGG16: each chunk reads all packed weights, 235 MB, and larger ones were not faster.
inline constexpr Index chunk_bytes = Index{64} << 20;

/// Executors that wait for their next run, kept for their memory. Safe to use from several threads.
template <class Scalar>
class ExecutorPool {
 public:
  using Pointer = std::unique_ptr<Executor<Scalar>>;

  explicit ExecutorPool(std::shared_ptr<PackedStore<Scalar>> packed, Index most_bytes = Index{192} << 20)
      : packed_(std::move(packed)), most_bytes_(most_bytes) {}

  /// A waiting executor for this part, or a new one.
  Pointer take(const std::shared_ptr<const Program<Scalar>>& program, const Part<Scalar>& part, Index capacity) {
    {
      const std::lock_guard lock(mutex_);
      for (auto i = waiting_.begin(); i != waiting_.end(); ++i)
        if (fits(**i, *program, part, capacity)) {
          Pointer found = std::move(*i);
          waiting_.erase(i);
          return found;
        }
    }
    return std::make_unique<Executor<Scalar>>(Binding<Scalar>(program, part, capacity), packed_);
  }
  /// Gives an executor back. The oldest ones go where too many wait or their memory is more than most_bytes; the last
  /// one given back stays.
  void give(Pointer executor) {
    executor->release_packed();
    const std::lock_guard lock(mutex_);
    waiting_.push_front(std::move(executor));
    Index bytes = 0, kept = 0;
    std::erase_if(waiting_, [&](const Pointer& waiting) {
      bytes += waiting->binding().bytes();
      return kept++ > 0 && (bytes > most_bytes_ || kept > most);
    });
  }
  void clear() {
    const std::lock_guard lock(mutex_);
    waiting_.clear();
  }

 private:
  static constexpr Index most = 8;

  static bool fits(const Executor<Scalar>& executor, const Program<Scalar>& program, const Part<Scalar>& part,
                   Index capacity) {
    const auto& binding = executor.binding();
    const auto& have = binding.part();
    if (!executor.is_current() || &binding.program() != &program || binding.capacity() != capacity) return false;
    if (have.steps != part.steps || have.feeds != part.feeds || have.fetch != part.fetch) return false;
    return have.backward == part.backward &&
           std::equal(have.shapes.begin(), have.shapes.end(), part.shapes.begin(), part.shapes.end(),
                      [](const Shape& a, const Shape& b) { return a.without_batch() == b.without_batch(); });
  }

  std::shared_ptr<PackedStore<Scalar>> packed_;
  const Index most_bytes_;
  std::mutex mutex_;
  std::list<Pointer> waiting_;
};

}  // namespace graft::plan
