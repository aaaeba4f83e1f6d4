#pragma once
#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <graft/core/error.hpp>
#include <graft/core/thread_pool.hpp>
#include <graft/core/view.hpp>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace graft::optimizers {

/// How gradients are limited before the step; at most one of the three.
struct Clipping {
  std::optional<double> clipnorm = {};
  std::optional<double> clipvalue = {};
  std::optional<double> global_clipnorm = {};

  void check(std::string_view who) const {
    if (clipnorm.has_value() + clipvalue.has_value() + global_clipnorm.has_value() > 1)
      raise<ArgumentError>(who, ": only one of clipnorm, clipvalue and global_clipnorm can be set.");
    for (const auto& limit : {clipnorm, clipvalue, global_clipnorm})
      if (limit && !(*limit > 0)) raise<ArgumentError>(who, ": a clipping limit is above 0, got ", *limit, ".");
  }
};

namespace detail {

/// Elements per task and per pass: 32 KB of float, so that a block's arrays stay in the second cache.
inline constexpr Index block = 8192;

/// f(first, count) over 0 .. n - 1 in blocks, on all threads.
template <class F>
void each_block(Index n, F&& f) {
  thread_pool().each((n + block - 1) / block, [&](Index i, Index) { f(i * block, std::min(block, n - i * block)); });
}

/// The sum of squares in double, blocks added in order: the same bits on any number of threads.
template <class S>
double sum_of_squares(View<S> g) {
  std::vector<double> sums(to_size((g.size() + block - 1) / block));
  each_block(g.size(), [&](Index first, Index count) {
    double sum = 0;
    for (Index i = first; i < first + count; ++i)
      sum += static_cast<double>(g.data[i]) * static_cast<double>(g.data[i]);
    sums[to_size(first / block)] = sum;
  });
  double sum = 0;
  for (const double s : sums) sum += s;
  return sum;
}

template <class S>
void scale(View<S> g, double factor) {
  if (factor == 1) return;
  each_block(g.size(), [&](Index first, Index count) {
    Eigen::Map<Eigen::Array<S, Eigen::Dynamic, 1>>(g.data + first, count) *= static_cast<S>(factor);
  });
}

}  // namespace detail

/// Limits the gradients of one step, in place.
///   clipnorm c         each g becomes g c / max(|g|, c)
///   global_clipnorm c  the same with the norm of all gradients together; all NaN if that is not finite
///   clipvalue c        each element is clamped to [-c, c]
/// Source: keras/src/optimizers/base_optimizer.py.
template <class S>
void clip_gradients(std::span<const View<S>> gradients, const Clipping& clipping) {
  if (clipping.global_clipnorm) {
    double squares = 0;
    for (const View<S>& g : gradients) squares += detail::sum_of_squares(g);
    const double limit = *clipping.global_clipnorm, norm = std::sqrt(squares);
    for (const View<S>& g : gradients) detail::scale(g, limit / std::max(norm, limit) + (norm - norm));
  }
  for (const View<S>& g : gradients) {
    if (clipping.clipnorm)
      detail::scale(g, *clipping.clipnorm / std::max(std::sqrt(detail::sum_of_squares(g)), *clipping.clipnorm));
    if (clipping.clipvalue) {
      const S limit = static_cast<S>(*clipping.clipvalue);
      detail::each_block(g.size(), [&](Index first, Index count) {
        Eigen::Map<Eigen::Array<S, Eigen::Dynamic, 1>> part(g.data + first, count);
        part = part.max(-limit).min(limit);
      });
    }
  }
}

}  // namespace graft::optimizers
