#pragma once
#include <graft/data/prefetcher.hpp>
#include <graft/data/stream.hpp>

namespace graft {

struct ReadOptions {
  /// False: labels and sample weights only, x stays empty and nothing is decoded.
  bool with_inputs = true;
};

/// Yields the batches of one pass over a dataset; made by Dataset::read(). Decoding runs ahead in threads that end with
/// the reader; the order never depends on them. An error while a sample is read comes out of next(), after which the
/// reader is at its end.
///   auto reader = dataset.read(dataset.order(epoch), 32);
///   for (Batch<float> batch; reader.next(batch);) use(batch);
template <class S>
class Reader {
 public:
  Reader(std::shared_ptr<const data::Source<S>> source, std::vector<Index> order, Index batch_size, ReadOptions options)
      : source_(std::move(source)), order_(std::move(order)), batch_size_(batch_size), options_(options) {
    const Index workers = std::max<Index>(1, std::thread::hardware_concurrency());
    if (options.with_inputs && source_->slow())
      ahead_ = std::make_unique<data::Prefetcher<S>>(source_, order_, batch_size, workers);
  }
  explicit Reader(data::Generator<S> generator) : generator_(std::move(generator)) {}

  /// Puts the next batch in `out`, whose memory is used again. False at the end.
  bool next(Batch<S>& out) {
    if (generator_) return next_of_stream(out);
    if (ahead_) {
      if (!ahead_->next(out)) return false;
      source_->finish_in_order(out);
      return true;
    }
    const Index left = static_cast<Index>(order_.size()) - at_;
    if (left <= 0) return false;
    const auto ids = std::span<const Index>(order_).subspan(to_size(at_), to_size(std::min(batch_size_, left)));
    at_ += static_cast<Index>(ids.size());
    options_.with_inputs ? source_->read(ids, out) : source_->targets(ids, out);
    return true;
  }

 private:
  bool next_of_stream(Batch<S>& out) {
    auto batch = generator_();
    if (!batch) return false;
    out = std::move(*batch);
    return true;
  }

  data::Generator<S> generator_;
  std::shared_ptr<const data::Source<S>> source_;
  std::vector<Index> order_;
  Index batch_size_ = 0, at_ = 0;
  ReadOptions options_;
  std::unique_ptr<data::Prefetcher<S>> ahead_;
};

}  // namespace graft
