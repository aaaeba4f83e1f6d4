#pragma once
#include <graft/data/dataset.hpp>

namespace graft {

/// Batches of one dataset over epochs. With a number of steps an epoch takes that many batches and the next one goes on
/// where it stopped; the data starts again, in a new order, once all of it was seen.
template <class Scalar>
class BatchStream {
 public:
  BatchStream(Dataset<Scalar> dataset, Index default_batch_size, std::optional<Index> steps, bool with_inputs)
      : dataset_(std::move(dataset)),
        batch_size_(dataset_.batch_size() == None ? default_batch_size : dataset_.batch_size()),
        steps_(steps),
        with_inputs_(with_inputs) {}

  Index batch_size() const { return batch_size_; }
  /// Batches of the coming epoch; None for a stream that has not ended yet.
  Index steps() const {
    if (steps_) return *steps_;
    if (dataset_.random_access()) return (dataset_.size() + batch_size_ - 1) / batch_size_;
    return seen_;
  }
  /// Which pass over the data comes first: the epoch, for a dataset that is shuffled.
  void set_pass(Index pass) { pass_ = pass; }
  void start_epoch() { step_ = 0; }
  /// From the first batch again, as every validation starts.
  void restart() {
    reader_.reset();
    pass_ = step_ = 0;
  }
  /// False at the end of the epoch.
  bool next(Batch<Scalar>& batch) {
    if (steps_ && step_ == *steps_) return false;
    if (!reader_) {
      const auto order = dataset_.random_access() ? dataset_.order(pass_) : std::vector<Index>{};
      ++pass_;
      reader_.emplace(dataset_.read(order, batch_size_, {.with_inputs = with_inputs_}));
    }
    if (reader_->next(batch)) {
      ++step_;
      return true;
    }
    reader_.reset();
    if (!dataset_.random_access()) seen_ = std::max(seen_, step_);
    return false;
  }
  /// True if the last epoch ended before its steps because the data ran out.
  bool ran_out() const { return steps_ && step_ < *steps_; }
  Index step() const { return step_; }

 private:
  Dataset<Scalar> dataset_;
  Index batch_size_;
  std::optional<Index> steps_;
  bool with_inputs_;
  Index pass_ = 0, step_ = 0, seen_ = None;
  std::optional<Reader<Scalar>> reader_;
};

}  // namespace graft
