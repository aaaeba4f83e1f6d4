#pragma once
#include <graft/layers/data_format.hpp>
#include <graft/layers/spatial.hpp>
#include <graft/ops/window.hpp>

// What convolutions check.
namespace graft::layers {

/// Throws ArgumentError for less than 1; `who` names the layer.
inline void require_at_least_one(const char* option, Index n, const std::string& who) {
  if (n < 1) raise<ArgumentError>(who, ": ", option, " must be at least 1, got ", n, ".");
}

/// The window of the options. Throws ArgumentError for an option outside its rule; `who` names the layer.
template <class Size, class Options>
ops::Window2D convolution_window(Size kernel_size, const Options& o, const std::string& who,
                                 bool allow_causal = false) {
  using Space = Spatial<Size>;
  require_positive<Size>("kernel_size", kernel_size, who);
  require_positive<Size>("strides", o.strides, who);
  require_positive<Size>("dilation_rate", o.dilation_rate, who);
  if (o.strides != Size(1) && o.dilation_rate != Size(1))
    raise<ArgumentError>(who, ": strides and dilation_rate cannot both be larger than 1.");
  require_channels_last(o.data_format, who);
  return {Space::image_size(kernel_size), Space::image_size(o.strides), Space::image_size(o.dilation_rate),
          ops::padding_from_name(o.padding, who, allow_causal)};
}

/// What a window makes of an input, with `channels` as the last axis. Throws ShapeError if it does not fit; `what` is
/// "kernel" or "window", `who` names the layer.
template <class Size>
Shape window_output_shape(const char* what, Size size, const ops::Window2D& window, const Shape& in, Index channels,
                          const std::string& who) {
  using Space = Spatial<Size>;
  const Shape out = window.output_shape(Space::image_shape(in), channels);
  if (out[1] == 0 || out[2] == 0)
    raise<ShapeError>(who, ": a ", what, " of ", Space::text(size), " does not fit the input ", in,
                      ". Use padding = \"same\", a smaller ", what, " or ", Space::larger, ".");
  return Space::from_image_shape(out);
}

}  // namespace graft::layers
