#pragma once
#include <functional>
#include <graft/data/source.hpp>
#include <graft/data/transform.hpp>
#include <mutex>

namespace graft::data {

/// Gives the next batch, or nothing when it has no more.
template <class S>
using Generator = std::function<std::optional<Batch<S>>()>;

/// Batches in the one order in which a generator makes them. A restartable stream makes a fresh generator for every
/// pass; any other has one generator, on which every pass goes on, and which stays exhausted once it has ended.
template <class S>
class Stream {
 public:
  /// Makes a fresh generator for every pass.
  static std::shared_ptr<Stream> restartable(std::function<Generator<S>()> factory) {
    return std::make_shared<Stream>(Key{}, std::move(factory));
  }
  static std::shared_ptr<Stream> once(Generator<S> generator) {
    auto state = std::make_shared<Once>();
    state->generator = std::move(generator);
    auto stream = std::make_shared<Stream>(Key{}, [state] { return [state] { return state->next(); }; });
    stream->once_ = std::move(state);
    return stream;
  }

  /// A generator for one pass; nothing after the end, however often it is called.
  Generator<S> pass() const {
    return [generator = factory_(), ended = false]() mutable -> std::optional<Batch<S>> {
      if (ended) return std::nullopt;
      auto batch = generator();
      ended = !batch;
      return batch;
    };
  }

  /// Read off the first batch, which is not lost. Throws StateError if there is none.
  SampleShapes shapes() const {
    const std::optional<Batch<S>> first = once_ ? once_->peek() : pass()();
    if (!first) raise<StateError>("Dataset: the generator has no batch, so the shapes of its samples are not known.");
    SampleShapes shapes;
    for (const Tensor<S>& t : first->x) shapes.x.push_back(t.shape().without_batch());
    for (const Tensor<S>& t : first->y) shapes.y.push_back(t.shape().without_batch());
    return shapes;
  }

  /// The stream whose batches are those of `inner` after f.
  static std::shared_ptr<Stream> map(std::shared_ptr<Stream> inner, Transform<S> f) {
    return derive(std::move(inner), [f = std::move(f)](Generator<S> generator) -> Generator<S> {
      return [generator = std::move(generator), f] {
        auto batch = generator();
        if (batch) f.apply(*batch);
        return batch;
      };
    });
  }
  /// Leaves the first `skipped` batches out and ends after `taken` more; None is no end.
  static std::shared_ptr<Stream> part(std::shared_ptr<Stream> inner, Index skipped, Index taken) {
    return derive(std::move(inner), [skipped, taken](Generator<S> generator) -> Generator<S> {
      return [generator = std::move(generator), skipped, left = taken]() mutable -> std::optional<Batch<S>> {
        for (; skipped > 0; --skipped)
          if (!generator()) return std::nullopt;
        if (left == 0) return std::nullopt;
        if (left > 0) --left;
        return generator();
      };
    });
  }

  struct Once;
  class Key {
    friend class Stream;
    Key() = default;
  };
  Stream(Key, std::function<Generator<S>()> factory) : factory_(std::move(factory)) {}

 private:
  static std::shared_ptr<Stream> derive(std::shared_ptr<Stream> inner,
                                        std::function<Generator<S>(Generator<S>)> change) {
    if (inner->once_) return once(change(inner->pass()));
    return restartable([inner = std::move(inner), change = std::move(change)] { return change(inner->pass()); });
  }

  std::function<Generator<S>()> factory_;
  std::shared_ptr<Once> once_;
};

/// The state that all passes over a generator share.
template <class S>
struct Stream<S>::Once {
  std::optional<Batch<S>> next() {
    const std::lock_guard lock(mutex);
    if (first) return std::exchange(first, std::nullopt);
    return pull();
  }
  std::optional<Batch<S>> peek() {
    const std::lock_guard lock(mutex);
    if (!first) first = pull();
    return first;
  }
  std::optional<Batch<S>> pull() {
    if (ended) return std::nullopt;
    auto batch = generator();
    ended = !batch;
    return batch;
  }

  std::mutex mutex;
  Generator<S> generator;
  std::optional<Batch<S>> first;
  bool ended = false;
};

}  // namespace graft::data
