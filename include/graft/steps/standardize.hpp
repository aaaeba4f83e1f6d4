#pragma once
#include <graft/graph/op.hpp>
#include <graft/ops/normalization.hpp>

namespace graft::steps {

/// y = (x - mean) / max(sqrt(variance), 1e-7) along one axis; inverted: y = x max(sqrt(variance), 1e-7) + mean.
template <class Scalar>
class Standardize final : public Op<Scalar> {
 public:
  using typename Op<Scalar>::Shapes;

  Standardize(Variable<Scalar> mean, Variable<Scalar> variance, Index axis, bool invert)
      : mean_(std::move(mean)), variance_(std::move(variance)), axis_(axis), invert_(invert) {}

  std::string kind() const override { return "standardize"; }
  Shape shape(Shapes in) const override { return in[0]; }
  std::vector<Variable<Scalar>> variables() const override { return {mean_, variance_}; }
  std::uint64_t attributes() const override { return mix(static_cast<std::uint64_t>(axis_), invert_); }
  Needs needs(bool, bool) const override { return {}; }
  /// The scale, and zeros.
  Index work_bytes(Shapes, const Shape&, Direction) const override {
    return 2 * mean_.size() * static_cast<Index>(sizeof(Scalar));
  }
  void forward(Io<Scalar>& io) const override {
    const auto layout = ops::ChannelLayout::of(io.x[0].shape, axis_);
    const Scalar* scale = write_scale(io);
    const Scalar* zeros = scale + mean_.size();
    ops::normalize<Scalar>(layout, io.x[0].data, invert_ ? zeros : mean_.data(), scale, nullptr,
                           invert_ ? mean_.data() : nullptr, io.y.data);
  }
  void backward(Io<Scalar>& io) const override {
    if (!io.dx[0]) return;
    const auto layout = ops::ChannelLayout::of(io.dy.shape, axis_);
    ops::normalization_gradient_of_constants<Scalar>(layout, io.dy.data, write_scale(io), nullptr, io.dx[0].data);
  }

 private:
  const Scalar* write_scale(Io<Scalar>& io) const {
    auto* scale = static_cast<Scalar*>(io.work);
    for (Index c = 0; c < mean_.size(); ++c) {
      const Scalar deviation = std::max(std::sqrt(variance_.data()[c]), static_cast<Scalar>(1e-7));
      scale[c] = invert_ ? deviation : Scalar(1) / deviation;
    }
    std::fill_n(scale + mean_.size(), mean_.size(), Scalar(0));
    return scale;
  }

  Variable<Scalar> mean_, variance_;
  Index axis_;
  bool invert_;
};

}  // namespace graft::steps
