#pragma once
#include <graft/ops/window.hpp>

namespace graft::ops {

/// What a convolution is: the window, and how many channels it maps to how many filters. With groups, filters of group
/// g see the channels of group g only. Requires channels and filters to be multiples of groups.
struct Conv2DGeometry {
  Window2D window;
  Index channels = 1, filters = 1, groups = 1;

  Index group_channels() const { return channels / groups; }
  Index group_filters() const { return filters / groups; }
  /// (batch, height, width, channels) -> (batch, height, width, filters)
  Shape output_shape(const Shape& input) const { return window.output_shape(input, filters); }
  /// (kernel height, kernel width, channels / groups, filters)
  Shape kernel_shape() const { return {window.height.kernel, window.width.kernel, group_channels(), filters}; }
};

}  // namespace graft::ops
