#pragma once
#include <cmath>
#include <graft/initializers/initializer_function.hpp>
#include <numeric>
#include <vector>

namespace graft::initializers {

struct OrthogonalOptions {
  double gain = 1;
  std::optional<Index> seed = {};
};

/// gain times a random matrix with orthonormal columns, or rows if it has fewer rows than columns; the shape's last
/// axis is the columns, all others the rows. Throws ShapeError for a rank below 2. Saxe et al. 2014.
/// Source: keras/src/initializers/random_initializers.py.
class Orthogonal final : public ElementwiseInitializer<Orthogonal, OrthogonalOptions> {
 public:
  static constexpr std::string_view keras_names[] = {"Orthogonal", "orthogonal", "OrthogonalInitializer"};

  explicit Orthogonal(OrthogonalOptions options = {}) : ElementwiseInitializer(options) {}

  Elements elements(const Shape& shape, RandomStream random) const override {
    if (shape.rank() < 2)
      raise<ShapeError>("Orthogonal: the initializer needs at least 2 axes, got the shape ", shape, ".");
    const Index columns = shape.back(), rows = columns == 0 ? 0 : shape.elements() / columns;
    const Index longer = std::max(rows, columns);
    return [gain = options_.gain, columns, longer, wide = rows < columns,
            q = orthonormal(longer, std::min(rows, columns), random)](std::uint64_t i) {
      const Index row = static_cast<Index>(i) / columns, column = static_cast<Index>(i) % columns;
      return gain * q[to_size(wide ? row * longer + column : column * longer + row)];
    };
  }
  void fields(ConfigVisitor& c) { c("gain", options_.gain); }

 private:
  /// Columns of length n, one after the other: normal numbers made orthonormal by Gram and Schmidt, which is the Q of a
  /// QR whose R has a positive diagonal. Two passes keep it orthogonal to rounding (Giraud et al. 2005). Eigen's QR
  /// would do, and would add 3 s to the compilation of every program.
  static std::vector<double> orthonormal(Index n, Index count, RandomStream random) {
    std::vector<double> q(to_size(n * count));
    for (Index j = 0; j < count; ++j) {
      double* column = q.data() + j * n;
      for (Index i = 0; i < n; ++i) column[i] = random.normal(static_cast<std::uint64_t>(j * n + i));
      for (const int pass : {1, 2}) {
        (void)pass;
        for (Index k = 0; k < j; ++k) {
          const double* other = q.data() + k * n;
          const double along = std::inner_product(column, column + n, other, 0.0);
          for (Index i = 0; i < n; ++i) column[i] -= along * other[i];
        }
      }
      const double norm = std::sqrt(std::inner_product(column, column + n, column, 0.0));
      for (Index i = 0; i < n; ++i) column[i] /= norm;
    }
    return q;
  }
};

}  // namespace graft::initializers
