#pragma once
#include <graft/ops/noise.hpp>
#include <graft/steps/random_source.hpp>

namespace graft::steps {

/// What the noise is: y = x + N(0, stddev), or y = x N(1, stddev).
enum class Noise { added, multiplied };

/// Normal noise on every element. It is not kept: backward draws it again.
template <class Scalar>
class GaussianNoise final : public Op<Scalar> {
 public:
  using typename Op<Scalar>::Shapes;

  GaussianNoise(Noise noise, double stddev, RandomSource source) : noise_(noise), stddev_(stddev), source_(source) {}

  std::string kind() const override { return noise_ == Noise::added ? "gaussian_noise" : "gaussian_dropout"; }
  Shape shape(Shapes in) const override { return in[0]; }
  bool pure() const override { return false; }
  std::uint64_t attributes() const override { return hash_number(stddev_); }
  Needs needs(bool, bool) const override { return {}; }
  void forward(Io<Scalar>& io) const override {
    if (noise_ == Noise::multiplied) return multiply(io, io.x[0], io.y);
    ops::with_noise<Scalar>(io.x[0], source_.of(io.run), io.y,
                            [this](double v, double normal) { return v + stddev_ * normal; });
  }
  void backward(Io<Scalar>& io) const override {
    if (!io.dx[0]) return;
    if (noise_ == Noise::multiplied) return multiply(io, io.dy, io.dx[0]);
    std::copy_n(io.dy.data, io.dy.size(), io.dx[0].data);
  }

 private:
  void multiply(Io<Scalar>& io, View<const Scalar> from, View<Scalar> to) const {
    ops::with_noise<Scalar>(from, source_.of(io.run), to,
                            [this](double v, double normal) { return v * (1 + stddev_ * normal); });
  }

  Noise noise_;
  double stddev_;
  RandomSource source_;
};

}  // namespace graft::steps
