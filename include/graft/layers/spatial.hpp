#pragma once
#include <graft/core/config_visitor.hpp>
#include <graft/core/error.hpp>
#include <graft/graph/builder.hpp>

namespace graft::layers {

/// What differs between a layer over images and the same one over sequences. Size is what it is given in, a kernel or
/// strides: Size2D for images, Index for sequences. A sequence (batch, steps, channels) is computed as the image
/// (batch, 1, steps, channels), which costs nothing.
template <class Size>
struct Spatial;

template <>
struct Spatial<Size2D> {
  static constexpr Index rank = 4;
  static constexpr const char* axes = "(batch, height, width, channels)";
  static constexpr const char *element = "pixel", *larger = "larger images";

  static Size2D image_size(Size2D size) { return size; }
  static Shape image_shape(const Shape& shape) { return shape; }
  static Shape from_image_shape(const Shape& image) { return image; }
  static Shape kernel_shape(Size2D size, Index in, Index out) { return {size.height, size.width, in, out}; }
  static std::string text(Size2D size) { return std::to_string(size.height) + "x" + std::to_string(size.width); }
  static void visit(ConfigVisitor& c, std::string_view name, Size2D& size) { c(name, size); }
  static void visit(ConfigVisitor& c, std::string_view name, std::optional<Size2D>& size) { c(name, size); }

  template <class Scalar>
  static ValueId to_image(Builder<Scalar>&, ValueId x) {
    return x;
  }
  template <class Scalar>
  static ValueId from_image(Builder<Scalar>&, ValueId image) {
    return image;
  }
};

template <>
struct Spatial<Index> {
  static constexpr Index rank = 3;
  static constexpr const char* axes = "(batch, steps, channels)";
  static constexpr const char *element = "step", *larger = "longer sequences";

  static Size2D image_size(Index size) { return {1, size}; }
  static Shape image_shape(const Shape& shape) { return {shape[0], 1, shape[1], shape[2]}; }
  static Shape from_image_shape(const Shape& image) { return {image[0], image[2], image[3]}; }
  static Shape kernel_shape(Index size, Index in, Index out) { return {size, in, out}; }
  static std::string text(Index size) { return std::to_string(size); }
  /// Keras writes a list of one.
  static void visit(ConfigVisitor& c, std::string_view name, Index& size) {
    std::optional<Index> one = size;
    visit(c, name, one);
    size = one.value_or(size);
  }
  static void visit(ConfigVisitor& c, std::string_view name, std::optional<Index>& size) {
    std::vector<Index> sizes;
    if (size) sizes.push_back(*size);
    c(name, sizes);
    if (sizes.size() > 1)
      raise<ArgumentError>("'", name, "' in the config of a layer over sequences must be one number, got ",
                           sizes.size(), ".");
    if (!sizes.empty()) size = sizes.front();
  }

  template <class Scalar>
  static ValueId to_image(Builder<Scalar>& builder, ValueId x) {
    return builder.alias(x, image_shape);
  }
  template <class Scalar>
  static ValueId from_image(Builder<Scalar>& builder, ValueId image) {
    return builder.alias(image, from_image_shape);
  }
};

/// Throws ArgumentError if an axis of the size is below 1; `who` names the layer.
template <class Size>
void require_positive(const char* option, Size size, const std::string& who) {
  const Size2D image = Spatial<Size>::image_size(size);
  if (image.height < 1 || image.width < 1)
    raise<ArgumentError>(who, ": ", option, " must be at least 1, got ", Spatial<Size>::text(size), ".");
}

}  // namespace graft::layers
