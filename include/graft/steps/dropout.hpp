#pragma once
#include <graft/ops/dropout.hpp>
#include <graft/steps/random_source.hpp>

namespace graft::steps {

/// Sets elements to 0 with probability `rate` and scales the others by 1 / (1 - rate). The mask is not kept: backward
/// draws it again.
template <class Scalar>
class Dropout final : public Op<Scalar> {
 public:
  using typename Op<Scalar>::Shapes;

  /// `noise`: shape of the mask with the batch axis, None where it has the input's length; empty: the input's.
  Dropout(double rate, const Shape& noise, RandomSource source) : rate_(rate), noise_(noise), source_(source) {}

  std::string kind() const override { return "dropout"; }
  Shape shape(Shapes in) const override { return in[0]; }
  bool pure() const override { return false; }
  std::uint64_t attributes() const override { return hash_number(rate_); }
  Needs needs(bool, bool) const override { return {}; }
  Index work_bytes(Shapes in, const Shape&, Direction) const override {
    return ops::dropout_work(in[0], noise_of(in[0])) * static_cast<Index>(sizeof(Scalar));
  }
  void forward(Io<Scalar>& io) const override { apply(io, io.x[0], io.y); }
  void backward(Io<Scalar>& io) const override {
    if (io.dx[0]) apply(io, io.dy, io.dx[0]);
  }

 private:
  Shape noise_of(const Shape& x) const {
    if (noise_.empty()) return x;
    Shape noise = noise_;
    for (Index i = 0; i < noise.rank(); ++i)
      if (noise[i] == None) noise[i] = x[i];
    return noise;
  }
  void apply(Io<Scalar>& io, View<const Scalar> from, View<Scalar> to) const {
    ops::dropout<Scalar>(from, noise_of(from.shape), rate_, source_.of(io.run), to, static_cast<Scalar*>(io.work));
  }

  double rate_;
  Shape noise_;
  RandomSource source_;
};

}  // namespace graft::steps
