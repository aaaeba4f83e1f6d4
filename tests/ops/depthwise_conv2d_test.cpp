#include <graft/ops/depthwise_conv2d.hpp>

#include "support/catch.hpp"
#include "support/numeric.hpp"

using namespace graft;
using namespace graft::ops;

namespace {

struct Case {
  Shape x;
  Index multiplier;
  Size2D kernel, strides, dilation;
  Padding padding;

  Window2D window() const { return {kernel, strides, dilation, padding}; }
  Shape kernel_shape() const { return {kernel.height, kernel.width, x[3], multiplier}; }
  template <class S>
  DepthwiseConv2D<S> convolution() const {
    return {window(), x[3], multiplier};
  }
};

/// Widths around the four outputs that are computed together, channels around the lengths of vectors.
std::vector<Case> cases() {
  std::vector<Case> all;
  for (const Padding padding : {Padding::valid, Padding::same})
    for (const Index kernel : {3, 5})
      for (const Index stride : {1, 2})
        for (const Index width : {kernel, kernel + 1, Index{9}, Index{14}})
          for (const Index channels : {1, 7, 16, 33})
            all.push_back({{2, 7, width, channels}, 1, kernel, stride, 1, padding});
  all.push_back({{2, 6, 5, 3}, 2, 3, 1, 1, Padding::same});
  all.push_back({{2, 7, 8, 5}, 3, 3, 2, 1, Padding::valid});
  all.push_back({{1, 9, 9, 4}, 1, 3, 1, 2, Padding::same});
  all.push_back({{2, 8, 9, 18}, 1, {1, 4}, {2, 3}, 1, Padding::same});
  all.push_back({{1, 2, 2, 4}, 1, 5, 1, 1, Padding::same});  // no window lies inside
  all.push_back({{1, 1, 1, 4}, 1, 3, 2, 1, Padding::same});
  return all;
}

/// f(sample, row, column, channel, filter j, y's row and column, kernel's row and column) for every product.
template <class F>
void each_product(const Case& c, F&& f) {
  const Window2D w = c.window();
  const Shape out = w.output_shape(c.x, c.x[3] * c.multiplier);
  for (Index n = 0; n < out[0]; ++n)
    for (Index i = 0; i < out[1]; ++i)
      for (Index j = 0; j < out[2]; ++j)
        for (Index r = 0; r < c.kernel.height; ++r)
          for (Index s = 0; s < c.kernel.width; ++s) {
            const Index y = i * c.strides.height - w.height.before(c.x[1]) + r * c.dilation.height;
            const Index z = j * c.strides.width - w.width.before(c.x[2]) + s * c.dilation.width;
            if (y < 0 || y >= c.x[1] || z < 0 || z >= c.x[2]) continue;
            for (Index o = 0; o < out[3]; ++o) f(n, y, z, o / c.multiplier, o % c.multiplier, i, j, r, s);
          }
}

template <class S>
void check_against_loops(const Case& c, double tolerance) {
  CAPTURE(c.x, c.multiplier, c.kernel.height, c.kernel.width, c.strides.width, c.padding == Padding::same);
  const auto convolution = c.convolution<S>();
  const auto x = random_tensor<S>(c.x, 1), kernel = random_tensor<S>(c.kernel_shape(), 2);
  const Shape out = convolution.output_shape(c.x);
  const auto bias = random_tensor<S>({out[3]}, 3), dy = random_tensor<S>(out, 4);
  Tensor<S> y(out), dx(c.x), dkernel(c.kernel_shape());
  dx.array() = S(7);       // is overwritten
  dkernel.array() = S(1);  // is added to
  Epilogue<S> epilogue;
  epilogue.bias = bias.data();
  convolution.forward(x.view(), kernel.data(), y.view(), epilogue);
  convolution.backward_input(dy.view(), kernel.data(), dx.view());
  convolution.backward_kernel(x.view(), dy.view(), dkernel.data());

  Tensor<double> want(out), want_dx(c.x), want_dkernel(c.kernel_shape());
  want_dkernel.array() = 1;
  for (Index i = 0; i < want.size(); ++i) want.data()[i] = static_cast<double>(bias.data()[i % out[3]]);
  each_product(c, [&](Index n, Index py, Index px, Index ch, Index m, Index i, Index j, Index r, Index s) {
    const Index o = ch * c.multiplier + m;
    const auto xv = static_cast<double>(x(n, py, px, ch)), kv = static_cast<double>(kernel(r, s, ch, m));
    const auto dv = static_cast<double>(dy(n, i, j, o));
    want(n, i, j, o) += xv * kv;
    want_dx(n, py, px, ch) += dv * kv;
    want_dkernel(r, s, ch, m) += dv * xv;
  });
  const auto close = [&](const Tensor<S>& got, const Tensor<double>& expected) {
    return relative_error(got.template cast<double>(), expected) < tolerance;
  };
  CHECK(close(y, want));
  CHECK(close(dx, want_dx));
  CHECK(close(dkernel, want_dkernel));
}

}  // namespace

TEST_CASE("Depthwise convolution and its gradients equal plain loops", "[ops][depthwise]") {
  // Sums of at most 25 products forward and 2 x 7 x 14 for the kernel: rounding times sqrt(200) = 14.
  for (const Case& c : cases()) {
    check_against_loops<double>(c, 1e-14);
    check_against_loops<float>(c, 5e-6);
  }
}

TEST_CASE("Depthwise convolution applies the epilogue's activation", "[ops][depthwise]") {
  const Case c{{1, 5, 6, 17}, 1, 3, 1, 1, Padding::same};
  const auto x = random_tensor<float>(c.x, 1), kernel = random_tensor<float>(c.kernel_shape(), 2);
  Tensor<float> plain(c.x), relu(c.x);
  c.convolution<float>().forward(x.view(), kernel.data(), plain.view(), {});
  c.convolution<float>().forward(x.view(), kernel.data(), relu.view(),
                                 {.activation = Activation::of(ActivationKind::relu)});
  for (Index i = 0; i < plain.size(); ++i) REQUIRE(relu.data()[i] == std::max(plain.data()[i], 0.0F));
}

TEST_CASE("Depthwise convolution gives the same bits on any number of threads", "[ops][depthwise][threads]") {
  const Case c{{3, 40, 41, 35}, 1, 3, 2, 1, Padding::same};
  const auto convolution = c.convolution<float>();
  const auto x = random_tensor<float>(c.x, 1), kernel = random_tensor<float>(c.kernel_shape(), 2);
  const auto dy = random_tensor<float>(convolution.output_shape(c.x), 3);
  CHECK(same_bits_on_any_threads([&] {
    Tensor<float> y(dy.shape());
    convolution.forward(x.view(), kernel.data(), y.view(), {});
    return y;
  }));
  CHECK(same_bits_on_any_threads([&] {
    Tensor<float> dx(c.x);
    convolution.backward_input(dy.view(), kernel.data(), dx.view());
    return dx;
  }));
  CHECK(same_bits_on_any_threads([&] {
    Tensor<float> dkernel(c.kernel_shape());
    convolution.backward_kernel(x.view(), dy.view(), dkernel.data());
    return dkernel;
  }));
}
