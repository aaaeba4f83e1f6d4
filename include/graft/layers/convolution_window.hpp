#pragma once
#include <graft/core/error.hpp>
#include <graft/layers/data_format.hpp>
#include <graft/ops/window.hpp>

// What convolutions check.
namespace graft::layers {

/// Throws ArgumentError for less than 1; `who` names the layer.
inline void require_at_least_one(const char* option, Index n, const std::string& who) {
  if (n < 1) raise<ArgumentError>(who, ": ", option, " must be at least 1, got ", n, ".");
}

/// The window of the options. Throws ArgumentError for an option outside its rule; `who` names the layer.
template <class Options>
ops::Window2D convolution_window(Size2D kernel_size, const Options& o, const std::string& who) {
  const auto positive = [&](const char* option, Size2D size) {
    if (size.height < 1 || size.width < 1)
      raise<ArgumentError>(who, ": ", option, " must be at least 1, got ", size.height, "x", size.width, ".");
  };
  positive("kernel_size", kernel_size);
  positive("strides", o.strides);
  positive("dilation_rate", o.dilation_rate);
  if (o.strides != Size2D(1) && o.dilation_rate != Size2D(1))
    raise<ArgumentError>(who, ": strides and dilation_rate cannot both be larger than 1.");
  require_channels_last(o.data_format, who);
  return {kernel_size, o.strides, o.dilation_rate, ops::padding_from_name(o.padding, who)};
}

/// Throws ShapeError if the window does not fit the input.
inline Shape convolution_output_shape(const ops::Window2D& window, const Shape& in, Index filters,
                                      const std::string& who) {
  const Shape out = window.output_shape(in, filters);
  if (out[1] == 0 || out[2] == 0)
    raise<ShapeError>(who, ": a kernel of ", window.height.kernel, "x", window.width.kernel,
                      " does not fit the input ", in, ". Use padding = \"same\", a smaller kernel or larger images.");
  return out;
}

}  // namespace graft::layers
