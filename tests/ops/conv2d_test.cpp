#include <cmath>
#include <graft/core/tensor.hpp>
#include <graft/ops/conv2d.hpp>
#include <graft/ops/pooling.hpp>
#include <limits>
#include <ostream>

#include "support/catch.hpp"
#include "support/numeric.hpp"

using namespace graft;
using namespace graft::ops;

namespace {

struct Case {
  Shape input;
  Index filters;
  Size2D kernel, strides = 1, dilation = 1;
  Padding padding = Padding::same;
  Index groups = 1;

  friend std::ostream& operator<<(std::ostream& out, const Case& c) {
    return out << c.input << " filters " << c.filters << " kernel " << c.kernel.height << "x" << c.kernel.width
               << " strides " << c.strides.height << "x" << c.strides.width << " dilation " << c.dilation.height << "x"
               << c.dilation.width << (c.padding == Padding::same ? " same" : " valid") << " groups " << c.groups;
  }
};

/// A sum and the sum of its terms' magnitudes, by which its rounding error is bounded.
struct Sum {
  double value = 0, magnitude = 0;
  Index terms = 0;
  void add(double term) {
    value += term;
    magnitude += std::abs(term);
    ++terms;
  }
};

template <class S>
class Problem {
 public:
  explicit Problem(const Case& c)
      : geometry{Window2D(c.kernel, c.strides, c.dilation, c.padding), c.input.back(), c.filters, c.groups},
        conv(geometry),
        x(random_tensor<S>(c.input, 1)),
        kernel(random_tensor<S>(geometry.kernel_shape(), 2)),
        bias(random_tensor<S>({c.filters}, 3)),
        dy(random_tensor<S>(conv.output_shape(c.input), 4)) {}

  Tensor<S> forward(const Activation& activation = {}) const {
    Buffer<S> packed(conv.packed_size()), work(conv.forward_work_size(x.shape()));
    Tensor<S> y(dy.shape());
    conv.pack(kernel.data(), packed.data());
    conv.forward(x, packed.data(), y.view(), {bias.data(), activation}, work.data());
    return y;
  }
  Tensor<S> backward_input() const {
    Buffer<S> packed(conv.packed_gradient_size()), work(conv.backward_input_work_size(x.shape()));
    Tensor<S> dx = random_tensor<S>(x.shape(), 5);  // must be overwritten
    conv.pack_gradient(kernel.data(), packed.data());
    conv.backward_input(dy, packed.data(), dx.view(), work.data());
    return dx;
  }
  Tensor<S> backward_kernel() const {
    Buffer<S> work(conv.backward_kernel_work_size(x.shape()));
    Tensor<S> dkernel(kernel.shape());
    std::fill(dkernel.begin(), dkernel.end(), S(1));  // must be added to
    conv.backward_kernel(x, dy, dkernel.data(), work.data());
    return dkernel;
  }

  /// f(position in x, in the kernel, in y) for every product of the convolution.
  template <class F>
  void each_term(F&& f) const {
    const WindowAxis &h = geometry.window.height, &w = geometry.window.width;
    const Index height = x.shape()[1], width = x.shape()[2], channels = geometry.group_channels();
    Index at_y = 0;
    for (Index n = 0; n < dy.shape()[0]; ++n)
      for (Index i = 0; i < dy.shape()[1]; ++i)
        for (Index j = 0; j < dy.shape()[2]; ++j)
          for (Index filter = 0; filter < geometry.filters; ++filter, ++at_y)
            for (Index p = 0; p < h.kernel; ++p)
              for (Index q = 0; q < w.kernel; ++q) {
                const Index row = i * h.stride + p * h.dilation - h.before(height);
                const Index column = j * w.stride + q * w.dilation - w.before(width);
                if (row < 0 || row >= height || column < 0 || column >= width) continue;
                for (Index c = 0; c < channels; ++c) {
                  const Index channel = filter / geometry.group_filters() * channels + c;
                  f(((n * height + row) * width + column) * geometry.channels + channel,
                    ((p * w.kernel + q) * channels + c) * geometry.filters + filter, at_y);
                }
              }
  }
  /// The largest error of `result` in units of its bound.
  double worst(const Tensor<S>& result, const std::vector<Sum>& expected) const {
    return WinogradConv2D<S>::suits(geometry) ? worst_winograd(result, expected) : worst_sum(result, expected);
  }
  /// Bound: one rounding of every product and every addition.
  static double worst_sum(const Tensor<S>& result, const std::vector<Sum>& expected) {
    double largest = 0;
    for (Index i = 0; i < result.size(); ++i) {
      const Sum& sum = expected[to_size(i)];
      const double error = std::abs(static_cast<double>(result.data()[i]) - sum.value);
      const double bound = static_cast<double>(sum.terms + 2) * std::numeric_limits<S>::epsilon() * sum.magnitude;
      largest = std::max(largest, error == 0 ? 0 : error / bound);
    }
    return largest;
  }
  /// Winograd's transforms mix the pixels of a tile, so a small sum beside large ones gets the error of those: bounded
  /// is the root mean square. Each of the sums over channels rounds once for a channel, which adds up as a random walk
  /// does; the transforms multiply that by 2 at most and add 6 roundings of their own (measured: 6 to 12 of 16
  /// channels, 23 of 200).
  double worst_winograd(const Tensor<S>& result, const std::vector<Sum>& expected) const {
    double squares = 0, errors = 0;
    for (Index i = 0; i < result.size(); ++i) {
      const double value = expected[to_size(i)].value, error = static_cast<double>(result.data()[i]) - value;
      squares += value * value;
      errors += error * error;
    }
    const auto depth =
        static_cast<double>(std::max({geometry.channels, geometry.filters, dy.shape()[1] * dy.shape()[2]}));
    return std::sqrt(errors / squares) / ((12 + 2 * std::sqrt(depth)) * std::numeric_limits<S>::epsilon());
  }
  static double product(const Tensor<S>& a, Index i, const Tensor<S>& b, Index j) {
    return static_cast<double>(a.data()[i]) * static_cast<double>(b.data()[j]);
  }

  Conv2DGeometry geometry;
  Conv2D<S> conv;
  Tensor<S> x, kernel, bias, dy;
};

template <class S>
void check_against_loops(const Case& c) {
  CAPTURE(c);
  const Problem<S> problem(c);
  std::vector<Sum> y(to_size(problem.dy.size())), dx(to_size(problem.x.size())),
      dkernel(to_size(problem.kernel.size()));
  for (std::size_t i = 0; i < y.size(); ++i) y[i].add(problem.bias.data()[to_size(static_cast<Index>(i) % c.filters)]);
  for (Sum& sum : dkernel) sum.add(1);
  problem.each_term([&](Index at_x, Index at_kernel, Index at_y) {
    y[to_size(at_y)].add(Problem<S>::product(problem.x, at_x, problem.kernel, at_kernel));
    dx[to_size(at_x)].add(Problem<S>::product(problem.dy, at_y, problem.kernel, at_kernel));
    dkernel[to_size(at_kernel)].add(Problem<S>::product(problem.dy, at_y, problem.x, at_x));
  });
  CHECK(problem.worst(problem.forward(), y) <= 1);
  CHECK(problem.worst(problem.backward_input(), dx) <= 1);
  CHECK(problem.worst(problem.backward_kernel(), dkernel) <= 1);
}

}  // namespace

TEMPLATE_TEST_CASE("A convolution and its gradients equal the plain loops, over windows", "[ops][conv2d]", float,
                   double) {
  const Size2D kernel =
      GENERATE(Size2D(1), Size2D(2), Size2D(3), Size2D(4), Size2D(5), Size2D(7), Size2D(1, 7), Size2D(3, 2));
  const Size2D strides = GENERATE(Size2D(1), Size2D(2), Size2D(3), Size2D(2, 1));
  const Padding padding = GENERATE(Padding::valid, Padding::same);
  const Size2D image = GENERATE(Size2D(7), Size2D(8, 11));
  check_against_loops<TestType>({{2, image.height, image.width, 3}, 5, kernel, strides, 1, padding});
}

TEMPLATE_TEST_CASE("A convolution and its gradients equal the plain loops, dilated", "[ops][conv2d]", float, double) {
  const Size2D kernel = GENERATE(Size2D(2), Size2D(3), Size2D(1, 4));
  const Size2D strides = GENERATE(Size2D(1), Size2D(2), Size2D(3, 4));
  const Size2D dilation = GENERATE(Size2D(2), Size2D(3), Size2D(2, 4));
  const Padding padding = GENERATE(Padding::valid, Padding::same);
  check_against_loops<TestType>({{2, 13, 14, 4}, 3, kernel, strides, dilation, padding});
}

TEMPLATE_TEST_CASE("A convolution and its gradients equal the plain loops, over channels", "[ops][conv2d]", float,
                   double) {
  const Index channels = GENERATE(1, 3, 15, 16, 17, 48);
  const Index filters = GENERATE(1, 3, 16, 17, 32, 48);
  const Size2D kernel = GENERATE(Size2D(1), Size2D(3));
  const Size2D strides = GENERATE(Size2D(1), Size2D(2));
  check_against_loops<TestType>({{2, 5, 6, channels}, filters, kernel, strides});
}

TEMPLATE_TEST_CASE("A convolution and its gradients equal the plain loops, in groups", "[ops][conv2d]", float, double) {
  const Index groups = GENERATE(2, 3, 6);
  const Index filters = GENERATE(6, 12, 96);
  const Size2D kernel = GENERATE(Size2D(1), Size2D(3), Size2D(2, 3));
  const Size2D strides = GENERATE(Size2D(1), Size2D(2));
  const Index channels = GENERATE(6, 48);
  check_against_loops<TestType>({{2, 6, 5, channels}, filters, kernel, strides, 1, Padding::same, groups});
}

TEMPLATE_TEST_CASE("A convolution and its gradients equal the plain loops, at extreme sizes", "[ops][conv2d]", float,
                   double) {
  // One pixel, one row, one column, a kernel of the size of the image, one sample; chunks of 640 and 320 columns that
  // end inside a tap; more rows than a tile has.
  const Case c = GENERATE(Case{{1, 1, 1, 3}, 2, 3}, Case{{3, 1, 9, 2}, 4, {1, 3}, {1, 2}},
                          Case{{3, 9, 1, 2}, 4, {3, 1}}, Case{{2, 4, 4, 3}, 7, 4, 1, 1, Padding::valid},
                          Case{{1, 6, 5, 200}, 33, 3}, Case{{2, 6, 5, 300}, 20, {2, 3}, 2}, Case{{3, 12, 11, 2}, 33, 3},
                          Case{{1, 20, 20, 3}, 8, 7, 2, 1, Padding::valid}, Case{{40, 2, 2, 5}, 6, 3});
  check_against_loops<TestType>(c);
}

TEMPLATE_TEST_CASE("A convolution and its gradients equal the plain loops, in tiles", "[ops][conv2d]", float, double) {
  const Index height = GENERATE(1, 2, 3, 4, 5, 8, 9), width = GENERATE(3, 4, 7, 12, 13);
  const Padding padding = GENERATE(Padding::valid, Padding::same);
  if (height < 3 && padding == Padding::valid) return;
  check_against_loops<TestType>({{2, height, width, 18}, 17, 3, 1, 1, padding});
}

TEMPLATE_TEST_CASE("A convolution and its gradients equal the plain loops, in tiles of many channels", "[ops][conv2d]",
                   float, double) {
  // Around the vectors, panels and squares of all instruction sets; blocks of tiles, with one and with several threads
  // to a block.
  const Case c = GENERATE(Case{{2, 5, 6, 16}, 31, 3}, Case{{2, 5, 6, 31}, 33, 3}, Case{{2, 5, 6, 63}, 65, 3},
                          Case{{1, 7, 7, 130}, 16, 3}, Case{{1, 3, 3, 65}, 129, 3}, Case{{1, 60, 61, 17}, 16, 3});
  check_against_loops<TestType>(c);
}

TEMPLATE_TEST_CASE("A convolution's activation has the bits of one applied afterwards", "[ops][conv2d]", float,
                   double) {
  const auto kind = GENERATE(ActivationKind::relu, ActivationKind::silu);
  const Index groups = GENERATE(1, 2);
  const Index channels = GENERATE(6, 16);
  const Problem<TestType> problem({{2, 9, 9, channels}, 70, 3, 1, 1, Padding::same, groups});
  Tensor<TestType> afterwards = problem.forward();
  apply_activation(Activation::of(kind), afterwards.data(), afterwards.size());
  CHECK(same_bits(problem.forward(Activation::of(kind)), afterwards));
}

TEMPLATE_TEST_CASE("A convolution's maxima have the bits of a pooling afterwards", "[ops][conv2d]", float, double) {
  const auto kind = GENERATE(ActivationKind::relu, ActivationKind::linear);
  const Size2D image = GENERATE(Size2D(2), Size2D(3), Size2D(7, 9), Size2D(8, 12), Size2D(61, 40));
  const Index filters = GENERATE(16, 35);
  const Problem<TestType> problem({{2, image.height, image.width, 17}, filters, 3});
  REQUIRE(problem.conv.takes_max_pool());
  const Window2D window(2, 2, 1, Padding::valid);
  const Tensor<TestType> y = problem.forward(Activation::of(kind));
  Tensor<TestType> pooled(window.output_shape(y.shape(), filters)), fused(pooled.shape());
  max_pool<TestType>(y.view(), window, pooled.view(), nullptr);

  Buffer<TestType> packed(problem.conv.packed_size()), work(problem.conv.forward_work_size(problem.x.shape()));
  problem.conv.pack(problem.kernel.data(), packed.data());
  problem.conv.forward(problem.x, packed.data(), fused.view(), {problem.bias.data(), Activation::of(kind), true},
                       work.data());
  CHECK(same_bits(fused, pooled));
}

TEMPLATE_TEST_CASE("A convolution's bits do not depend on the number of threads", "[ops][conv2d][threads]", float,
                   double) {
  const Case c = GENERATE(Case{{3, 14, 14, 70}, 64, 3}, Case{{2, 30, 30, 3}, 48, 3, 2}, Case{{2, 30, 30, 3}, 64, 3},
                          Case{{1, 7, 7, 64}, 200, 1}, Case{{2, 60, 60, 17}, 33, 3},
                          Case{{2, 9, 9, 32}, 32, 3, 1, 1, Padding::valid, 4});
  const Problem<TestType> problem(c);
  CHECK(same_bits_on_any_threads([&] { return problem.forward(Activation::of(ActivationKind::relu)); }));
  CHECK(same_bits_on_any_threads([&] { return problem.backward_input(); }));
  CHECK(same_bits_on_any_threads([&] { return problem.backward_kernel(); }));
}

TEMPLATE_TEST_CASE("A sample has the same bits alone and in a batch", "[ops][conv2d]", float, double) {
  const Size2D strides = GENERATE(Size2D(1), Size2D(2));
  const Index channels = GENERATE(3, 80);
  const Case batch{{5, 7, 9, channels}, 40, 3, strides};
  const Problem<TestType> all(batch);
  const Tensor<TestType> y = all.forward(), dx = all.backward_input();
  for (Index first = 0; first < 5; ++first)
    for (Index last = first + 1; last <= 5; last += 2) {
      Case part = batch;
      part.input[0] = last - first;
      Problem<TestType> some(part);
      some.x = all.x.slice(first, last);
      some.dy = all.dy.slice(first, last);
      CHECK(same_bits(some.forward(), y.slice(first, last)));
      CHECK(same_bits(some.backward_input(), dx.slice(first, last)));
    }
}

TEST_CASE("Work memory for a batch is enough for a smaller one", "[ops][conv2d]") {
  const Index strides = GENERATE(1, 2);
  const Problem<float> problem({{2, 9, 9, 32}, 64, 3, strides});
  for (Index n = 1; n < 40; ++n) {
    CHECK(problem.conv.forward_work_size({n, 9, 9, 32}) <= problem.conv.forward_work_size({n + 1, 9, 9, 32}));
    CHECK(problem.conv.backward_input_work_size({n, 9, 9, 32}) <=
          problem.conv.backward_input_work_size({n + 1, 9, 9, 32}));
  }
}

TEST_CASE("A convolution's shapes are Keras's", "[ops][conv2d]") {
  const Conv2DGeometry geometry{Window2D(3, 2, 1, Padding::same), 6, 8, 2};
  CHECK(geometry.output_shape({None, 7, None, 6}) == Shape{None, 4, None, 8});
  CHECK(geometry.kernel_shape() == Shape{3, 3, 3, 8});
}
