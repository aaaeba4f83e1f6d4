#pragma once
#include <graft/ops/flip.hpp>
#include <graft/steps/random_source.hpp>

namespace graft::steps {

/// Flips each image in the given directions, or leaves it: a coin per sample.
template <class Scalar>
class RandomFlip final : public Op<Scalar> {
 public:
  using typename Op<Scalar>::Shapes;

  RandomFlip(ops::Flip directions, RandomSource source) : directions_(directions), source_(source) {}

  std::string kind() const override { return "random_flip"; }
  Shape shape(Shapes in) const override { return in[0]; }
  bool pure() const override { return false; }
  std::uint64_t attributes() const override { return directions_.horizontal * 1u + directions_.vertical * 2u; }
  Needs needs(bool, bool) const override { return {}; }
  void forward(Io<Scalar>& io) const override { apply(io, io.x[0], io.y); }
  void backward(Io<Scalar>& io) const override {
    if (io.dx[0]) apply(io, io.dy, io.dx[0]);
  }

 private:
  void apply(Io<Scalar>& io, View<const Scalar> from, View<Scalar> to) const {
    const RandomStream stream = source_.of(io.run);
    ops::flip<Scalar>(from, to, [&](Index sample) {
      return ops::random_flip(stream.split(static_cast<std::uint64_t>(sample)), directions_);
    });
  }

  ops::Flip directions_;
  RandomSource source_;
};

}  // namespace graft::steps
