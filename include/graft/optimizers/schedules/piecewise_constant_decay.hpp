#pragma once
#include <algorithm>
#include <graft/optimizers/schedules/schedule.hpp>
#include <vector>

namespace graft::optimizers::schedules {

struct PiecewiseConstantDecayOptions {
  std::vector<Index> boundaries = {};
  std::vector<double> values = {};  ///< one more than boundaries
};

/// values[i] up to and including step boundaries[i], the last value after them. Throws ArgumentError unless there is
/// one value more than boundaries, and these grow.
class PiecewiseConstantDecay final : public ScheduleOf<PiecewiseConstantDecay, PiecewiseConstantDecayOptions> {
 public:
  static constexpr std::string_view keras_names[] = {"PiecewiseConstantDecay"};

  explicit PiecewiseConstantDecay(PiecewiseConstantDecayOptions options) : ScheduleOf(std::move(options)) { check(); }

  static PiecewiseConstantDecay unread() { return PiecewiseConstantDecay({.boundaries = {}, .values = {0.0}}); }

  double rate(double step) const {
    const auto& b = options_.boundaries;
    const auto passed = std::count_if(b.begin(), b.end(), [step](Index at) { return step > static_cast<double>(at); });
    return options_.values[static_cast<std::size_t>(passed)];
  }
  void fields(ConfigVisitor& c) {
    c("boundaries", options_.boundaries);
    c("values", options_.values);
  }
  void check() const {
    if (options_.values.size() != options_.boundaries.size() + 1)
      raise<ArgumentError>("PiecewiseConstantDecay: there is one value more than boundaries, got ",
                           options_.values.size(), " values and ", options_.boundaries.size(), " boundaries.");
    if (!std::is_sorted(options_.boundaries.begin(), options_.boundaries.end()))
      raise<ArgumentError>("PiecewiseConstantDecay: the boundaries must grow.");
  }
};

}  // namespace graft::optimizers::schedules
