#pragma once
#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <graft/core/random.hpp>
#include <graft/core/tensor.hpp>
#include <graft/core/thread_pool.hpp>
#include <string_view>
#include <vector>

// What tests of kernels share: random tensors, central differences, comparison of bits.

/// Uniform in [low, high), a function of the seed alone.
template <class S>
graft::Tensor<S> random_tensor(const graft::Shape& shape, std::uint64_t seed, double low = -1, double high = 1) {
  graft::Tensor<S> t(shape);
  const graft::RandomStream stream(seed);
  for (graft::Index i = 0; i < t.size(); ++i)
    t.data()[i] = static_cast<S>(stream.uniform(static_cast<std::uint64_t>(i), low, high));
  return t;
}

template <class S>
bool same_bits(const graft::Tensor<S>& a, const graft::Tensor<S>& b) {
  return a.shape() == b.shape() &&
         (a.empty() || std::memcmp(a.data(), b.data(), graft::to_size(a.size()) * sizeof(S)) == 0);
}

/// sum a b
inline double dot(const graft::Tensor<double>& a, const graft::Tensor<double>& b) {
  double sum = 0;
  for (graft::Index i = 0; i < a.size(); ++i) sum += a.data()[i] * b.data()[i];
  return sum;
}

inline double norm(const std::vector<double>& v) {
  double sum = 0;
  for (const double x : v) sum += x * x;
  return std::sqrt(sum);
}
/// |a - b|; not a number if they are not of one length.
inline double distance(const std::vector<double>& a, const std::vector<double>& b) {
  if (a.size() != b.size()) return std::nan("");
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return std::sqrt(sum);
}
template <class S>
std::vector<double> numbers(const graft::Tensor<S>& t) {
  return {t.begin(), t.end()};
}

/// How far graft in float32 may be from Keras in float64, given the norm of that and how far Keras in float32 is from
/// it. Another order of sums rounds as much as Keras's own, in another direction: where Keras is r away, so is graft,
/// times the luck of one draw. 8 r covers that; 2e-6, some 16 ulp, where r happens to be tiny.
inline double float_bound(double size, double rounding) { return 8 * rounding + 2e-6 * std::max(size, 1e-3); }

/// |a - b| / |b|, both as vectors. A bound of 1e-7 is right for central differences in double with h = 1e-5 and values
/// around 1: rounding 1e-16 / h = 1e-11 and truncation h^2 = 1e-10, times a few hundred for steep functions.
inline double relative_error(const graft::Tensor<double>& a, const graft::Tensor<double>& b) {
  return distance(numbers(a), numbers(b)) / std::max(norm(numbers(b)), 1e-300);
}

/// d loss / d x by central differences; x is changed and put back.
inline graft::Tensor<double> numeric_gradient(graft::Tensor<double>& x, const std::function<double()>& loss,
                                              double h = 1e-5) {
  graft::Tensor<double> gradient(x.shape());
  for (graft::Index i = 0; i < x.size(); ++i) {
    double& v = x.data()[i];
    const double kept = v;
    v = kept + h;
    const double above = loss();
    v = kept - h;
    const double below = loss();
    v = kept;
    gradient.data()[i] = (above - below) / (2 * h);
  }
  return gradient;
}

/// Runs f on 1, 2, 3 and 4 threads and says if all four results have the same bits.
template <class F>
bool same_bits_on_any_threads(F&& f) {
  const graft::Index before = graft::thread_pool().threads();
  graft::set_num_threads(1);
  const auto one = f();
  bool same = true;
  for (graft::Index threads = 2; threads <= 4; ++threads) {
    graft::set_num_threads(threads);
    same = same && same_bits(one, f());
  }
  graft::set_num_threads(before);
  return same;
}
