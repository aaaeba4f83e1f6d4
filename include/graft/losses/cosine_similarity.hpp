#pragma once
#include <cmath>
#include <graft/losses/probabilities.hpp>
#include <graft/losses/row_loss.hpp>

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

  template <class S>
  S value(std::span<const S> t, std::span<const S> p) const {
    return static_cast<S>(-dot(t, p) / (norm(t) * norm(p)));
  }
  /// -(t_j / |t| - p_j (t . p) / (|t| |p|^2)) / |p|; the second term is 0 where |p| is held at its least.
  template <class S>
  void gradient(std::span<const S> t, std::span<const S> p, S dloss, std::span<S> dp) const {
    const double length_t = norm(t), length_p = norm(p), squares = dot(p, p);
    const double along = squares < least ? 0 : dot(t, p) / squares;
    for (std::size_t j = 0; j < p.size(); ++j)
      dp[j] = static_cast<S>(-static_cast<double>(dloss) *
                             (static_cast<double>(t[j]) - static_cast<double>(p[j]) * along) / (length_t * length_p));
  }
  void fields(ConfigVisitor& c) { c("axis", options_.axis); }
  void check() const { detail::check_axis(keras_names[0], options_.axis); }

 private:
  static constexpr double least = 1e-14;  // of a squared norm

  template <class S>
  static double dot(std::span<const S> a, std::span<const S> b) {
    double sum = 0;
    for (std::size_t j = 0; j < a.size(); ++j) sum += static_cast<double>(a[j]) * static_cast<double>(b[j]);
    return sum;
  }
  template <class S>
  static double norm(std::span<const S> a) {
    return std::sqrt(std::max(dot(a, a), least));
  }
};

}  // namespace graft::losses
