#include <graft/core/tensor.hpp>
#include <graft/ops/conv2d.hpp>

#include "support/catch.hpp"
#include "support/numeric.hpp"

using namespace graft;
using namespace graft::ops;

namespace {

template <class Conv, class S>
Tensor<S> forward(const Conv& conv, const Tensor<S>& x, const ActivationKind kind = ActivationKind::relu) {
  const Conv2DGeometry& geometry = conv.geometry();
  const Tensor<S> kernel = random_tensor<S>(geometry.kernel_shape(), 2), bias = random_tensor<S>({geometry.filters}, 3);
  // Work memory holds what an earlier step left there.
  Buffer<S> packed(conv.packed_size()), work(conv.forward_work_size(x.shape()));
  std::fill_n(work.data(), conv.forward_work_size(x.shape()), std::numeric_limits<S>::quiet_NaN());
  Tensor<S> y(conv.output_shape(x.shape()));
  conv.pack(kernel.data(), packed.data());
  conv.forward(x, packed.data(), y.view(), {bias.data(), Activation::of(kind)}, work.data());
  return y;
}

template <class S>
void check_same_as_patches(const Shape& image, const Window2D& window, Index filters) {
  const Conv2DGeometry geometry{window, 3, filters, 1};
  CAPTURE(image, geometry.kernel_shape(), window.height.stride, window.width.stride);
  REQUIRE(DirectConv2D<S>::suits(geometry));
  const Tensor<S> x = random_tensor<S>(image, 1);
  CHECK(same_bits(forward(DirectConv2D<S>(geometry), x), forward(PatchConv2D<S>(geometry), x)));
}

}  // namespace

TEMPLATE_TEST_CASE("A direct convolution has the bits of the product of patches, over windows", "[ops][conv2d]", float,
                   double) {
  const Size2D kernel = GENERATE(Size2D(1), Size2D(2), Size2D(3), Size2D(5), Size2D(7), Size2D(1, 7), Size2D(3, 2));
  const Size2D strides = GENERATE(Size2D(1), Size2D(2), Size2D(3, 1), Size2D(1, 2));
  const Padding padding = GENERATE(Padding::valid, Padding::same, Padding::causal);
  const Size2D image = GENERATE(Size2D(7), Size2D(8, 11), Size2D(17, 30));
  check_same_as_patches<TestType>({2, image.height, image.width, 3}, Window2D(kernel, strides, 1, padding), 32);
}

TEMPLATE_TEST_CASE("A direct convolution has the bits of the product of patches, over sizes", "[ops][conv2d]", float,
                   double) {
  // Around a band of 8 lines and the 14 or 6 pixels that the kernels take at once; one line, one column.
  const Index height = GENERATE(1, 2, 7, 8, 9, 17), width = GENERATE(1, 2, 5, 6, 7, 13, 14, 15, 28);
  const Index stride = GENERATE(1, 2), filters = GENERATE(32, 96);
  check_same_as_patches<TestType>({1, height, width, 3}, Window2D(3, stride, 1, Padding::same), filters);
}

TEMPLATE_TEST_CASE("A direct convolution applies every activation", "[ops][conv2d]", float, double) {
  const auto kind = GENERATE(ActivationKind::linear, ActivationKind::relu, ActivationKind::silu);
  const DirectConv2D<TestType> conv({Window2D(3, 1, 1, Padding::same), 3, 32, 1});
  const Tensor<TestType> x = random_tensor<TestType>({2, 9, 10, 3}, 1);
  Tensor<TestType> afterwards = forward(conv, x, ActivationKind::linear);
  apply_activation(Activation::of(kind), afterwards.data(), afterwards.size());
  CHECK(same_bits(forward(conv, x, kind), afterwards));
}

TEST_CASE("A direct convolution's bits depend neither on threads nor on the batch", "[ops][conv2d][threads]") {
  const DirectConv2D<float> conv({Window2D(3, 2, 1, Padding::same), 3, 64, 1});
  const Tensor<float> x = random_tensor<float>({5, 30, 31, 3}, 1), y = forward(conv, x);
  CHECK(same_bits_on_any_threads([&] { return forward(conv, x); }));
  for (Index i = 0; i < 5; ++i) CHECK(same_bits(forward(conv, x.slice(i, i + 1)), y.slice(i, i + 1)));
}

TEST_CASE("A direct convolution is for 3 channels, short strides and whole panels of filters", "[ops][conv2d]") {
  const auto suits = [](Window2D window, Index channels, Index filters, Index groups = 1) {
    return DirectConv2D<float>::suits({window, channels, filters, groups});
  };
  const Window2D window(3, 1, 1, Padding::same);
  CHECK(suits(window, 3, 64));
  CHECK_FALSE(suits(window, 4, 64));
  CHECK_FALSE(suits(window, 3, 48));
  CHECK_FALSE(suits(window, 3, 96, 3));
  CHECK_FALSE(suits(Window2D(3, {1, 3}, 1, Padding::same), 3, 64));
  CHECK_FALSE(suits(Window2D(3, 1, {2, 1}, Padding::same), 3, 64));
  CHECK_FALSE(suits(Window2D(3, 1, {1, 2}, Padding::same), 3, 64));
  CHECK(suits(Window2D({14, 15}, 1, 1, Padding::same), 3, 64));
  CHECK_FALSE(suits(Window2D({14, 16}, 1, 1, Padding::same), 3, 64));  // 672 columns: two chunks
}
