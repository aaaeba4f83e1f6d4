#pragma once
#include <atomic>
#include <concepts>
#include <cstdint>
#include <functional>
#include <graft/core/random.hpp>
#include <graft/data/batch.hpp>
#include <string>
#include <string_view>
#include <utility>

namespace graft {

/// A function object that tells what it does, such as applications::vgg16::preprocess_input: it is deterministic, and
/// two objects with equal name() and fingerprint() (of all its parameters) compute the same.
template <class F>
concept NamedTransform = requires(const F& f) {
  { f.name() } -> std::convertible_to<std::string_view>;
  { f.fingerprint() } -> std::convertible_to<std::uint64_t>;
};

struct MapOptions {
  /// The function gives the same rows for the same rows always, and may be called by several threads at once. Without
  /// it the function is called by the consumer alone, batch after batch, and what follows is never cached.
  bool deterministic = false;
};

namespace data {

/// What Dataset::map() makes of a user's function.
template <class S>
struct Transform {
  std::function<void(Batch<S>&)> apply;
  bool deterministic = false;
  bool inputs_only = false;       ///< leaves y and sample_weight alone
  std::uint64_t fingerprint = 0;  ///< meaningful if deterministic
  std::string name = {};          ///< empty for functions without one
};

template <class S>
Tensor<S>& only(std::vector<Tensor<S>>& tensors, const char* what) {
  if (tensors.size() != 1)
    raise<ArgumentError>("Dataset::map: the function takes one ", what, " tensor, but a batch has ", tensors.size(),
                         ". Take a Batch& instead.");
  return tensors[0];
}

template <class S>
void check_rows(const std::vector<Tensor<S>>& tensors, Index rows) {
  for (const Tensor<S>& t : tensors)
    if (t.rank() == 0 || t.shape().front() != rows)
      raise<ShapeError>("Dataset::map: the function made ", t.shape(), " of a batch of ", rows,
                        " samples. It must keep the batch axis.");
}

/// f is x -> x, (x, y) -> pair(x, y), or takes a Batch& and changes it in place.
template <class S, class F>
std::function<void(Batch<S>&)> batch_function(F f) {
  if constexpr (std::invocable<F&, Tensor<S>>)
    return [f = std::move(f)](Batch<S>& b) mutable {
      Tensor<S>& x = only(b.x, "input");
      x = f(std::move(x));
    };
  else if constexpr (std::invocable<F&, Tensor<S>, Tensor<S>>)
    return [f = std::move(f)](Batch<S>& b) mutable {
      std::pair<Tensor<S>, Tensor<S>> xy = f(std::move(only(b.x, "input")), std::move(only(b.y, "label")));
      b.x[0] = std::move(xy.first);
      b.y[0] = std::move(xy.second);
    };
  else
    return [f = std::move(f)](Batch<S>& b) mutable { f(b); };
}

template <class S>
std::function<void(Batch<S>&)> checked(std::function<void(Batch<S>&)> f) {
  return [f = std::move(f)](Batch<S>& b) {
    const Index rows = b.size();
    f(b);
    check_rows(b.x, rows);
    check_rows(b.y, rows);
  };
}

template <class S, class F>
Transform<S> make_transform(F f, const MapOptions& options) {
  static std::atomic<std::uint64_t> anonymous{0};
  Transform<S> t;
  t.inputs_only = std::invocable<F&, Tensor<S>>;
  t.deterministic = options.deterministic || NamedTransform<F>;
  if constexpr (NamedTransform<F>) {
    t.name = std::string(f.name());
    t.fingerprint = mix(hash_text(t.name), f.fingerprint());
  } else {
    // Two functions cannot be compared, so each counts as different from every other one.
    t.fingerprint = mix(hash_text("anonymous"), ++anonymous);
  }
  t.apply = checked(batch_function<S>(std::move(f)));
  return t;
}

}  // namespace data
}  // namespace graft
