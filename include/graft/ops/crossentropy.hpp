#pragma once
#include <algorithm>
#include <cmath>
#include <graft/core/error.hpp>
#include <graft/core/index.hpp>
#include <graft/core/row.hpp>
#include <numeric>
#include <string_view>

/// The crossentropies of one row, for losses and metrics. `logits`: predictions are the values before the softmax or
/// sigmoid, and nothing is clipped. Source: keras/src/losses/losses.py, keras/src/backend/tensorflow/nn.py.
namespace graft::ops {

/// Keras's backend.epsilon().
inline constexpr double keras_epsilon = 1e-7;

/// p clipped to [1e-7, 1 - 1e-7], so that a logarithm is at most 16.118.
inline double clip_probability(const Row& row, double p) {
  return std::clamp(p, row.rounded(keras_epsilon), row.rounded(1 - keras_epsilon));
}
/// True where the clipping passes a gradient.
inline bool unclipped(const Row& row, double p) {
  return p >= row.rounded(keras_epsilon) && p <= row.rounded(1 - keras_epsilon);
}

/// ln sum_j exp(x_j), shifted by the largest x: no overflow for any finite x.
inline double log_sum_exp(std::span<const double> x) {
  const double top = *std::max_element(x.begin(), x.end());
  double sum = 0;
  for (const double v : x) sum += std::exp(v - top);
  return top + std::log(sum);
}

/// -sum_j t_j ln p_j, targets smoothed to t (1 - s) + s / K; probabilities are divided by their sum and clipped.
inline double categorical_crossentropy(const Row& row, bool logits, double smoothing) {
  const auto classes = static_cast<double>(row.p.size());
  const double shift = logits ? log_sum_exp(row.p) : 0, sum = std::accumulate(row.p.begin(), row.p.end(), 0.0);
  double loss = 0;
  for (std::size_t j = 0; j < row.p.size(); ++j)
    loss -= (row.t[j] * (1 - smoothing) + smoothing / classes) *
            (logits ? row.p[j] - shift : std::log(clip_probability(row, row.p[j] / sum)));
  return loss;
}
/// With q = p / sum(p): dq_j = -t_j / q_j where q_j is not clipped, and dp_j = (dq_j - sum_k dq_k q_k) / sum(p).
/// For logits: dx_j = softmax(x)_j sum_k t_k - t_j.
inline void categorical_crossentropy_gradient(const Row& row, bool logits, double smoothing, std::span<double> dp) {
  const auto classes = static_cast<double>(row.p.size());
  const double shift = logits ? log_sum_exp(row.p) : 0, sum = std::accumulate(row.p.begin(), row.p.end(), 0.0);
  const auto target = [&](std::size_t j) { return row.t[j] * (1 - smoothing) + smoothing / classes; };
  double sum_t = 0, sum_dq_q = 0;
  for (std::size_t j = 0; j < row.p.size(); ++j) {
    sum_t += target(j);
    if (unclipped(row, row.p[j] / sum)) sum_dq_q -= target(j);
  }
  for (std::size_t j = 0; j < row.p.size(); ++j) {
    const double q = row.p[j] / sum, dq = unclipped(row, q) ? -target(j) / q : 0;
    dp[j] = logits ? std::exp(row.p[j] - shift) * sum_t - target(j) : (dq - sum_dq_q) / sum;
  }
}

/// The row's class index. Throws ArgumentError if it is outside 0..classes - 1.
inline std::size_t class_index(std::string_view who, const Row& row) {
  const double label = row.t[0];
  if (!(label > -1 && label < static_cast<double>(row.p.size())))
    raise<ArgumentError>(who, ": a class index is from 0 to ", row.p.size() - 1, ", got ", label, ". y_pred has ",
                         row.p.size(), " classes.");
  return static_cast<std::size_t>(std::max(label, 0.0));
}
namespace detail {

inline double clipped_sum(const Row& row) {
  double sum = 0;
  for (const double p : row.p) sum += clip_probability(row, p);
  return sum;
}

}  // namespace detail

/// -ln p_k; probabilities are clipped and divided by their sum.
inline double sparse_crossentropy(const Row& row, std::size_t k, bool logits) {
  if (logits) return log_sum_exp(row.p) - row.p[k];
  return -std::log(clip_probability(row, row.p[k]) / detail::clipped_sum(row));
}
/// Logits: softmax(x)_j - [j = k]. Probabilities: 1 / sum(p) - [j = k] / p_j where p_j is not clipped, else 0.
inline void sparse_crossentropy_gradient(const Row& row, std::size_t k, bool logits, std::span<double> dp) {
  const double shift = logits ? log_sum_exp(row.p) : 0, sum = logits ? 1 : detail::clipped_sum(row);
  for (std::size_t j = 0; j < row.p.size(); ++j) {
    const double p = row.p[j], hit = j == k ? 1 : 0;
    dp[j] = logits ? std::exp(p - shift) - hit : unclipped(row, p) ? 1 / sum - hit / p : 0;
  }
}

/// mean_j -(t_j ln p_j + (1 - t_j) ln(1 - p_j)), targets smoothed to t (1 - s) + s / 2. For logits, p = sigmoid(x):
/// max(x, 0) - x t + ln(1 + e^-|x|).
inline double binary_crossentropy(const Row& row, bool logits, double smoothing) {
  double sum = 0;
  for (std::size_t j = 0; j < row.p.size(); ++j) {
    const double t = row.t[j] * (1 - smoothing) + smoothing / 2, x = row.p[j], p = clip_probability(row, x);
    sum += logits ? std::max(x, 0.0) - x * t + std::log1p(std::exp(-std::abs(x)))
                  : -(t * std::log(p) + (1 - t) * std::log(1 - p));
  }
  return sum / static_cast<double>(row.p.size());
}
inline void binary_crossentropy_gradient(const Row& row, bool logits, double smoothing, std::span<double> dp) {
  for (std::size_t j = 0; j < row.p.size(); ++j) {
    const double t = row.t[j] * (1 - smoothing) + smoothing / 2, x = row.p[j], e = std::exp(-std::abs(x));
    const double slope = logits ? (x >= 0 ? 1 : e) / (1 + e) - t : unclipped(row, x) ? (1 - t) / (1 - x) - t / x : 0;
    dp[j] = slope / static_cast<double>(row.p.size());
  }
}

inline void check_label_smoothing(std::string_view who, double smoothing) {
  if (!(smoothing >= 0 && smoothing <= 1))
    raise<ArgumentError>(who, ": label_smoothing is from 0 to 1, got ", smoothing, ".");
}
inline void check_last_axis(std::string_view who, Index axis) {
  if (axis != -1)
    raise<ArgumentError>(who, ": axis must be -1, the last one, got ", axis, ". Put a Permute layer before it.");
}

}  // namespace graft::ops
