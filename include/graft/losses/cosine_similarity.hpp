#pragma once
#include <cmath>
#include <graft/losses/row_loss.hpp>
#include <graft/ops/crossentropy.hpp>
#include <numeric>

namespace graft::losses {

struct CosineSimilarityOptions {
  Index axis = -1;  ///< only the last one
  Reduction reduction = Reduction::sum_over_batch_size;
  std::string name = {};
};

/// -sum_j t_j p_j / (|t| |p|) over the last axis: -1 where both point the same way. A norm counts as at least
/// 1e-7. y_true and y_pred (.., n), loss (..). Throws ArgumentError if axis is not -1.
class CosineSimilarity final : public RowLoss<CosineSimilarity, CosineSimilarityOptions> {
 public:
  static constexpr std::string_view keras_names[] = {"CosineSimilarity", "cosine_similarity"};

  explicit CosineSimilarity(CosineSimilarityOptions options = {}) : RowLoss(std::move(options)) { check(); }

  double value(const Row& row) const override { return -dot(row.t, row.p) / (norm(row.t) * norm(row.p)); }
  /// -(t_j / |t| - p_j (t . p) / (|t| |p|^2)) / |p|; the second term is 0 where |p| is held at its least.
  void gradient(const Row& row, std::span<double> dp) const override {
    const double lengths = norm(row.t) * norm(row.p), squares = dot(row.p, row.p);
    const double along = squares < least ? 0 : dot(row.t, row.p) / squares;
    for (std::size_t j = 0; j < row.p.size(); ++j) dp[j] = -(row.t[j] - row.p[j] * along) / lengths;
  }
  void check() const { ops::check_last_axis(keras_names[0], options_.axis); }

 private:
  static constexpr double least = 1e-14;  // of a squared norm

  static double dot(std::span<const double> a, std::span<const double> b) {
    return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
  }
  static double norm(std::span<const double> a) { return std::sqrt(std::max(dot(a, a), least)); }
};

}  // namespace graft::losses
