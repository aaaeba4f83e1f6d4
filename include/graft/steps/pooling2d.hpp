#pragma once
#include <graft/graph/op.hpp>
#include <graft/ops/window.hpp>

namespace graft::steps {

/// What MaxPooling2D and AveragePooling2D share: a window that moves over (batch, height, width, channels).
template <class Scalar>
class Pooling2D : public Op<Scalar> {
 public:
  using typename Op<Scalar>::Shapes;

  explicit Pooling2D(const ops::Window2D& window) : window_(window) {}

  Shape shape(Shapes in) const override { return window_.output_shape(in[0], in[0][3]); }
  Needs needs(bool, bool) const override { return {}; }
  bool shrinks() const override { return window_.height.stride * window_.width.stride > 1; }
  std::uint64_t attributes() const override {
    std::uint64_t h = 0;
    for (const ops::WindowAxis& axis : {window_.height, window_.width})
      for (const Index n : {axis.kernel, axis.stride, static_cast<Index>(axis.padding)})
        h = mix(h, static_cast<std::uint64_t>(n));
    return h;
  }

 protected:
  const ops::Window2D& window() const { return window_; }

 private:
  ops::Window2D window_;
};

}  // namespace graft::steps
