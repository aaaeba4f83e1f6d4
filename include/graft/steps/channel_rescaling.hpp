#pragma once
#include <graft/graph/op.hpp>
#include <graft/ops/normalization.hpp>

namespace graft::steps {

/// y = x scale[c] + offset along the last axis.
template <class Scalar>
class ChannelRescaling final : public Op<Scalar> {
 public:
  using typename Op<Scalar>::Shapes;

  ChannelRescaling(const std::vector<double>& scale, double offset)
      : scale_({static_cast<Index>(scale.size())}), zeros_(scale_.shape()), offset_(scale_.shape()) {
    for (std::size_t c = 0; c < scale.size(); ++c) {
      scale_.data()[c] = static_cast<Scalar>(scale[c]);
      attributes_ = mix(attributes_, hash_number(scale[c]));
    }
    offset_.array() = static_cast<Scalar>(offset);
    attributes_ = mix(attributes_, hash_number(offset));
  }

  std::string kind() const override { return "channel_rescaling"; }
  Shape shape(Shapes in) const override { return in[0]; }
  std::uint64_t attributes() const override { return attributes_; }
  Needs needs(bool, bool) const override { return {}; }
  void forward(Io<Scalar>& io) const override {
    ops::normalize<Scalar>(ops::ChannelLayout::of(io.x[0].shape, -1), io.x[0].data, zeros_.data(), scale_.data(),
                           nullptr, offset_.data(), io.y.data);
  }
  void backward(Io<Scalar>& io) const override {
    if (io.dx[0])
      ops::normalization_gradient_of_constants<Scalar>(ops::ChannelLayout::of(io.dy.shape, -1), io.dy.data,
                                                       scale_.data(), nullptr, io.dx[0].data);
  }

 private:
  Tensor<Scalar> scale_, zeros_, offset_;
  std::uint64_t attributes_ = 0;
};

}  // namespace graft::steps
