#pragma once
#include <graft/ops/direct_conv2d.hpp>
#include <graft/ops/winograd_conv2d.hpp>
#include <variant>

namespace graft::ops {

/// Convolution (cross-correlation, as in Keras) of images, with its two gradients:
///   y(n, i, j, f) = activation(bias(f) + sum over p, q, c of x(n, i s + p d - before, j s + q d - before, c) w(p, q,
///   c, f))
/// x (batch, height, width, channels), w (kernel height, kernel width, channels / groups, filters), y as
/// output_shape().
///
/// A sample's bits depend neither on the batch it is in nor on the number of threads. Owns no memory: what is packed
/// and `work` are the caller's, aligned to 64 bytes.
template <class S>
class Conv2D {
 public:
  /// The geometry alone decides how the convolution is computed: a phase of training and a later evaluation give the
  /// same bits.
  explicit Conv2D(const Conv2DGeometry& geometry) : geometry_(geometry), algorithm_(choose(geometry)) {}

  const Conv2DGeometry& geometry() const { return geometry_; }
  Shape output_shape(const Shape& input) const { return geometry_.output_shape(input); }

  /// True if forward() can store the maxima of 2 x 2 windows alone: Epilogue::max_pool.
  bool takes_max_pool() const {
    return std::visit([](const auto& a) { return a.takes_max_pool(); }, algorithm_);
  }

  /// Elements of the packed kernel for forward().
  Index packed_size() const {
    return std::visit([](const auto& a) { return a.packed_size(); }, algorithm_);
  }
  void pack(const S* kernel, S* packed) const {
    std::visit([&](const auto& a) { a.pack(kernel, packed); }, algorithm_);
  }
  /// Elements of the packed kernel for backward_input().
  Index packed_gradient_size() const {
    return std::visit([](const auto& a) { return a.packed_gradient_size(); }, algorithm_);
  }
  void pack_gradient(const S* kernel, S* packed) const {
    std::visit([&](const auto& a) { a.pack_gradient(kernel, packed); }, algorithm_);
  }

  /// Elements of scratch memory for inputs of this shape or of a smaller batch, with the present number of threads.
  Index forward_work_size(const Shape& input) const {
    return std::visit([&](const auto& a) { return a.forward_work_size(input); }, algorithm_);
  }
  Index backward_input_work_size(const Shape& input) const {
    return std::visit([&](const auto& a) { return a.backward_input_work_size(input); }, algorithm_);
  }
  Index backward_kernel_work_size(const Shape& input) const {
    return std::visit([&](const auto& a) { return a.backward_kernel_work_size(input); }, algorithm_);
  }

  /// Writes y.
  void forward(View<const S> x, const S* packed, View<S> y, const Epilogue<S>& epilogue, S* work) const {
    std::visit([&](const auto& a) { a.forward(x, packed, y, epilogue, work); }, algorithm_);
  }
  /// Writes dx. The epilogue is for a transposed convolution, which is this gradient.
  void backward_input(View<const S> dy, const S* packed_gradient, View<S> dx, S* work,
                      const Epilogue<S>& epilogue = {}) const {
    std::visit([&](const auto& a) { a.backward_input(dy, packed_gradient, dx, work, epilogue); }, algorithm_);
  }
  /// Adds to dkernel.
  void backward_kernel(View<const S> x, View<const S> dy, S* dkernel, S* work) const {
    std::visit([&](const auto& a) { a.backward_kernel(x, dy, dkernel, work); }, algorithm_);
  }

 private:
  using Algorithm = std::variant<PatchConv2D<S>, DirectConv2D<S>, WinogradConv2D<S>>;
  static Algorithm choose(const Conv2DGeometry& geometry) {
    if (WinogradConv2D<S>::suits(geometry)) return WinogradConv2D<S>(geometry);
    if (DirectConv2D<S>::suits(geometry)) return DirectConv2D<S>(geometry);
    return PatchConv2D<S>(geometry);
  }

  Conv2DGeometry geometry_;
  Algorithm algorithm_;
};

}  // namespace graft::ops
