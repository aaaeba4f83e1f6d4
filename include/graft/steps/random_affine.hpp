#pragma once
#include <functional>
#include <graft/ops/affine_image.hpp>
#include <graft/ops/affine_image_gradient.hpp>
#include <graft/steps/random_source.hpp>

namespace graft::steps {

/// Draws a sample's transform from its random numbers and the image's height and width.
using DrawTransform = std::function<ops::AffineTransform(const RandomStream&, Index height, Index width)>;

/// Moves each image by a random affine transform.
template <class Scalar>
class RandomAffine final : public Op<Scalar> {
 public:
  using typename Op<Scalar>::Shapes;

  /// `hash` stands for what `draw` holds.
  RandomAffine(std::string name, DrawTransform draw, std::uint64_t hash, const ops::Resampling& how,
               RandomSource source)
      : name_(std::move(name)), draw_(std::move(draw)), hash_(hash), how_(how), source_(source) {}

  std::string kind() const override { return name_; }
  Shape shape(Shapes in) const override { return in[0]; }
  bool pure() const override { return false; }
  std::uint64_t attributes() const override {
    const auto styles = static_cast<std::uint64_t>(how_.fill) * 16 + static_cast<std::uint64_t>(how_.sampling);
    return mix(mix(hash_, styles), hash_number(how_.value));
  }
  Needs needs(bool, bool) const override { return {}; }
  void forward(Io<Scalar>& io) const override {
    ops::affine_image<Scalar>(io.x[0], how_, io.y, transforms(io, io.y.shape));
  }
  void backward(Io<Scalar>& io) const override {
    if (io.dx[0]) ops::affine_image_gradient<Scalar>(io.dy, how_, io.dx[0], transforms(io, io.dy.shape));
  }

 private:
  auto transforms(const Io<Scalar>& io, const Shape& image) const {
    return [this, stream = source_.of(io.run), height = image[1], width = image[2]](Index sample) {
      return draw_(stream.split(static_cast<std::uint64_t>(sample)), height, width);
    };
  }

  std::string name_;
  DrawTransform draw_;
  std::uint64_t hash_;
  ops::Resampling how_;
  RandomSource source_;
};

}  // namespace graft::steps
