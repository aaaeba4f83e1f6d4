#pragma once
#include <graft/core/error.hpp>
#include <string>

namespace graft::layers {

/// Images are (batch, height, width, channels) everywhere in graft. Layers have Keras's option data_format so that a
/// file which says otherwise is refused, not computed wrong. Throws ArgumentError; `who` names the layer.
inline void require_channels_last(const std::string& data_format, const std::string& who) {
  if (data_format != "channels_last")
    raise<ArgumentError>(who, ": data_format must be \"channels_last\", got \"", data_format, "\".");
}

}  // namespace graft::layers
