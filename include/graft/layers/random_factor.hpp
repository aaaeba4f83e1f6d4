#pragma once
#include <algorithm>
#include <cmath>
#include <graft/core/config_visitor.hpp>
#include <graft/core/error.hpp>
#include <graft/ops/affine_image.hpp>

namespace graft::layers {

/// The range that a random layer draws a number from: 0.2 stands for -0.2 .. 0.2, {-0.1, 0.3} for itself.
class RandomFactor {
 public:
  RandomFactor(double factor) : low_(-std::abs(factor)), high_(std::abs(factor)) {}
  RandomFactor(double a, double b) : low_(std::min(a, b)), high_(std::max(a, b)) {}

  double low() const { return low_; }
  double high() const { return high_; }
  ops::FactorRange range() const { return {low_, high_}; }
  std::uint64_t hash() const { return mix(hash_number(low_), hash_number(high_)); }

  /// Throws ArgumentError unless both ends lie in -1 .. 1; `who` names the layer, `option` the factor.
  void require_in_unit(const std::string& who, const char* option) const {
    if (!(low_ >= -1 && high_ <= 1))
      raise<ArgumentError>(who, ": ", option, " must lie in -1 .. 1, got ", low_, " .. ", high_, ".");
  }
  /// [low, high]; a reader takes one number too. Throws ArgumentError for another length.
  void visit(ConfigVisitor& c, std::string_view field) {
    std::vector<double> ends{low_, high_};
    c(field, ends);
    if (ends.empty() || ends.size() > 2)
      raise<ArgumentError>("'", field, "' must be one number or a pair, got ", ends.size(), " numbers.");
    *this = ends.size() == 1 ? RandomFactor(ends[0]) : RandomFactor(ends[0], ends[1]);
  }

 private:
  double low_, high_;
};

}  // namespace graft::layers
