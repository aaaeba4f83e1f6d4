#pragma once
#include <graft/core/view.hpp>
#include <graft/ops/conv2d_geometry.hpp>
#include <graft/ops/conv2d_patches.hpp>
#include <graft/ops/gradient_product.hpp>
#include <graft/ops/matrix_product.hpp>

namespace graft::ops {

/// A convolution as Conv2D defines it, of any geometry: one product of the patches, which are never stored, with the
/// kernel as a matrix.
template <class S>
class PatchConv2D {
 public:
  explicit PatchConv2D(const Conv2DGeometry& geometry)
      : geometry_(geometry), product_(taps() * geometry.group_channels(), geometry.group_filters()) {}

  const Conv2DGeometry& geometry() const { return geometry_; }
  Shape output_shape(const Shape& input) const { return geometry_.output_shape(input); }

  static constexpr bool takes_max_pool() { return false; }

  /// Elements of the packed kernel for forward().
  Index packed_size() const { return geometry_.groups * product_.packed_size(); }
  void pack(const S* kernel, S* packed) const;
  /// Elements of the packed kernel for backward_input().
  Index packed_gradient_size() const;
  void pack_gradient(const S* kernel, S* packed) const;

  /// Elements of scratch memory for inputs of this shape or of a smaller batch, with the present number of threads.
  Index forward_work_size(const Shape& input) const { return product_.work_size(patches(output_shape(input))); }
  Index backward_input_work_size(const Shape& input) const;
  Index backward_kernel_work_size(const Shape&) const { return kernel_gradient().work_size(); }

  /// Writes y.
  void forward(View<const S> x, const S* packed, View<S> y, const Epilogue<S>& epilogue, S* work) const;
  /// Writes dx. The epilogue is for a transposed convolution, which is this gradient.
  void backward_input(View<const S> dy, const S* packed_gradient, View<S> dx, S* work,
                      const Epilogue<S>& epilogue = {}) const;
  /// Adds to dkernel.
  void backward_kernel(View<const S> x, View<const S> dy, S* dkernel, S* work) const;

 private:
  Index taps() const { return geometry_.window.taps(); }
  static Index patches(const Shape& output) { return output[0] * output[1] * output[2]; }
  GradientProduct<S> kernel_gradient() const { return {product_.k(), product_.n()}; }

  /// f(left operand, group) for the patches of every group of x.
  template <class F>
  void each_group(View<const S> x, F&& f) const;
  /// f(product, phase y, phase x, group, place of its packed kernel) for every part of the gradient with respect to an
  /// input of this height and width.
  template <class F>
  void each_phase(Index height, Index width, F&& f) const;
  bool is_pointwise() const;

  Conv2DGeometry geometry_;
  MatrixProduct<S> product_;
};

template <class S>
void PatchConv2D<S>::pack(const S* kernel, S* packed) const {
  for (Index group = 0; group < geometry_.groups; ++group)
    product_.pack_rows(0, product_.k(), {kernel + group * product_.n(), geometry_.filters, 1},
                       packed + group * product_.packed_size());
}

template <class S>
void PatchConv2D<S>::forward(View<const S> x, const S* packed, View<S> y, const Epilogue<S>& epilogue, S* work) const {
  const Index filters = geometry_.filters;
  each_group(x, [&](const auto& rows, Index group) {
    const Index first = group * product_.n();
    Epilogue<S> part = epilogue;
    if (part.bias != nullptr) part.bias += first;
    product_.multiply(
        patches(y.shape), rows, packed + group * product_.packed_size(), y.data + first,
        [filters](Index row) { return row * filters; }, part, work);
  });
}

template <class S>
void PatchConv2D<S>::backward_kernel(View<const S> x, View<const S> dy, S* dkernel, S* work) const {
  each_group(x, [&](const auto& rows, Index group) {
    const Index first = group * product_.n();
    kernel_gradient().add(patches(dy.shape), rows, {dy.data + first, geometry_.filters}, dkernel + first,
                          geometry_.filters, work);
  });
}

template <class S>
template <class F>
void PatchConv2D<S>::each_group(View<const S> x, F&& f) const {
  const Index channels = geometry_.group_channels(), pixel = geometry_.channels;
  const PatchAxis height = PatchAxis::forward(geometry_.window.height, x.shape[1]);
  const PatchAxis width = PatchAxis::forward(geometry_.window.width, x.shape[2]);
  for (Index group = 0; group < geometry_.groups; ++group)
    if (is_pointwise())
      f(MatrixRows<S>{x.data + group * channels, pixel}, group);
    else
      f(PatchRows<S>{x.data + group * channels, height, width, channels, pixel}, group);
}

/// True if the patches are the pixels.
template <class S>
bool PatchConv2D<S>::is_pointwise() const {
  const auto& [height, width] = geometry_.window;
  return taps() == 1 && height.stride == 1 && width.stride == 1;
}

template <class S>
template <class F>
void PatchConv2D<S>::each_phase(Index height, Index width, F&& f) const {
  const Window2D& window = geometry_.window;
  Index place = 0;
  for (Index p = 0; p < window.height.stride; ++p)
    for (Index q = 0; q < window.width.stride; ++q) {
      const PhaseAxis y = PhaseAxis::of(window.height, p, height), x = PhaseAxis::of(window.width, q, width);
      const Index phase_taps = y.patches.window.kernel * x.patches.window.kernel;
      const MatrixProduct<S> product(phase_taps * geometry_.group_filters(), geometry_.group_channels());
      for (Index group = 0; group < geometry_.groups; ++group, place += product.packed_size())
        f(product, y, x, group, place);
    }
}

// Which taps a phase has does not depend on the input, so packing may ask with any size.
template <class S>
Index PatchConv2D<S>::packed_gradient_size() const {
  Index size = 0;
  each_phase(1, 1, [&](const MatrixProduct<S>& product, const auto&...) { size += product.packed_size(); });
  return size;
}

template <class S>
void PatchConv2D<S>::pack_gradient(const S* kernel, S* packed) const {
  const Index channels = geometry_.group_channels(), filters = geometry_.group_filters();
  each_phase(1, 1,
             [&](const MatrixProduct<S>& product, const PhaseAxis& y, const PhaseAxis& x, Index group, Index place) {
               const Index taps_x = x.patches.window.kernel, phase_taps = y.patches.window.kernel * taps_x;
               for (Index t = 0; t < phase_taps; ++t) {
                 const Index tap = y.kernel_tap(t / taps_x) * geometry_.window.width.kernel + x.kernel_tap(t % taps_x);
                 const S* matrix = kernel + tap * channels * geometry_.filters + group * filters;
                 product.pack_rows(t * filters, (t + 1) * filters, {matrix, 1, geometry_.filters}, packed + place);
               }
             });
}

template <class S>
Index PatchConv2D<S>::backward_input_work_size(const Shape& input) const {
  Index size = 0;
  each_phase(input[1], input[2], [&](const MatrixProduct<S>& product, const auto&...) {
    size = std::max(size, product.work_size(patches(input)));
  });
  return size;
}

template <class S>
void PatchConv2D<S>::backward_input(View<const S> dy, const S* packed_gradient, View<S> dx, S* work,
                                    const Epilogue<S>& epilogue) const {
  const Index channels = geometry_.group_channels(), filters = geometry_.group_filters();
  const Index height = dx.shape[1], width = dx.shape[2], pixel = geometry_.channels;
  each_phase(height, width,
             [&](const MatrixProduct<S>& product, const PhaseAxis& y, const PhaseAxis& x, Index group, Index place) {
               const Index ys = y.patches.outputs, xs = x.patches.outputs;
               const PatchRows<S> rows{dy.data + group * filters, y.patches, x.patches, filters, geometry_.filters};
               const auto offset = [&](Index row) {
                 const Index line = row / xs, sample = line / ys;
                 const Index at_y = y.start + (line - sample * ys) * y.stride,
                             at_x = x.start + (row - line * xs) * x.stride;
                 return ((sample * height + at_y) * width + at_x) * pixel;
               };
               Epilogue<S> part = epilogue;
               if (part.bias != nullptr) part.bias += group * channels;
               product.multiply(dx.shape[0] * ys * xs, rows, packed_gradient + place, dx.data + group * channels,
                                offset, part, work);
             });
}

}  // namespace graft::ops
