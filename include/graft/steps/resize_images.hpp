#pragma once
#include <graft/core/size2d.hpp>
#include <graft/graph/op.hpp>
#include <graft/ops/resize_images.hpp>

namespace graft::steps {

/// Which part of the images a step resizes. all: everything, whatever that does to the proportions. proportional: the
/// largest part in the middle that has the proportions of the result. middle: as many pixels in the middle as the
/// result has; as proportional where there are not so many.
enum class ResizedPart { all, proportional, middle };

/// The length of an enlarged axis; None stays None. Throws ShapeError if it cannot be counted.
inline Index enlarged(Index length, Index factor) { return length == None ? None : Shape{length, factor}.elements(); }

/// Images (batch, height, width, channels) in another size.
template <class Scalar>
class ResizeImages final : public Op<Scalar> {
 public:
  using typename Op<Scalar>::Shapes;

  /// `size` in pixels, or with `multiplies` in heights and widths of the input.
  ResizeImages(std::string name, Size2D size, bool multiplies, ResizedPart part, ops::Sampling sampling)
      : name_(std::move(name)), size_(size), multiplies_(multiplies), part_(part), sampling_(sampling) {}

  std::string kind() const override { return name_; }
  Shape shape(Shapes in) const override {
    const auto length = [&](Index was, Index size) { return multiplies_ ? enlarged(was, size) : size; };
    return {in[0][0], length(in[0][1], size_.height), length(in[0][2], size_.width), in[0][3]};
  }
  std::uint64_t attributes() const override {
    std::uint64_t h = mix(static_cast<std::uint64_t>(size_.height), static_cast<std::uint64_t>(size_.width));
    h = mix(h, multiplies_);
    return mix(h, mix(static_cast<std::uint64_t>(part_), static_cast<std::uint64_t>(sampling_)));
  }
  Needs needs(bool, bool) const override { return {}; }
  Index work_bytes(Shapes, const Shape& y, Direction) const override {
    return y[2] * static_cast<Index>(sizeof(ops::Neighbours));
  }
  void forward(Io<Scalar>& io) const override {
    const auto [window, sampling] = source(io.x[0].shape, io.y.shape);
    ops::resize_images<Scalar>(io.x[0], window, sampling, io.y, static_cast<ops::Neighbours*>(io.work));
  }
  void backward(Io<Scalar>& io) const override {
    if (!io.dx[0]) return;
    const auto [window, sampling] = source(io.dx[0].shape, io.dy.shape);
    ops::resize_images_gradient<Scalar>(io.dy, window, sampling, io.dx[0], static_cast<ops::Neighbours*>(io.work));
  }

 private:
  std::pair<ops::ImageWindow, ops::Sampling> source(const Shape& x, const Shape& y) const {
    if (part_ == ResizedPart::all) return {ops::ImageWindow::whole(x), sampling_};
    if (part_ == ResizedPart::middle && x[1] >= y[1] && x[2] >= y[2])
      return {ops::ImageWindow::middle(x, y[1], y[2]), ops::Sampling::nearest};  // pixel by pixel
    return {ops::ImageWindow::of_proportions(x, y[1], y[2]), sampling_};
  }

  std::string name_;
  Size2D size_;
  bool multiplies_;
  ResizedPart part_;
  ops::Sampling sampling_;
};

}  // namespace graft::steps
