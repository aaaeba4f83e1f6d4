#include <graft/ops/padding.hpp>
#include <graft/ops/resize_images.hpp>

#include "support/catch.hpp"
#include "support/numeric.hpp"

using namespace graft;
using namespace graft::ops;

namespace {

struct Case {
  Shape x;
  Index height, width;
  ImageWindow window;
};
std::vector<Case> cases() {
  return {{{3, 5, 7, 3}, 5, 7, {0, 0, 5, 7}}, {{3, 5, 7, 19}, 11, 8, {0, 0, 5, 7}},
          {{3, 5, 7, 1}, 2, 3, {0, 0, 5, 7}}, {{3, 5, 7, 33}, 10, 14, {0, 0, 5, 7}},
          {{3, 5, 7, 3}, 6, 2, {1, 2, 3, 4}}, {{3, 1, 1, 2}, 3, 3, {0, 0, 1, 1}},
          {{3, 5, 7, 3}, 3, 4, {1, 2, 3, 4}}};
}

template <class S>
struct Resize {
  Case c;
  Sampling sampling;
  Tensor<S> x;

  Shape out() const { return {x.shape()[0], c.height, c.width, x.shape()[3]}; }
  Tensor<S> value() const {
    Tensor<S> y(out());
    std::vector<Neighbours> columns(to_size(c.width));
    resize_images<S>(x.view(), c.window, sampling, y.view(), columns.data());
    return y;
  }
  Tensor<S> gradient(const Tensor<S>& dy) const {
    Tensor<S> dx(x.shape());
    dx.array() = std::numeric_limits<S>::quiet_NaN();  // every element has to be written
    std::vector<Neighbours> columns(to_size(c.width));
    resize_images_gradient<S>(dy.view(), c.window, sampling, dx.view(), columns.data());
    return dx;
  }
};

/// One image at a time by ops/resize.hpp, out of the window that was cut out before.
Tensor<float> reference(const Resize<float>& r) {
  const ImageWindow& w = r.c.window;
  const Shape& x = r.x.shape();
  Tensor<float> cut({x[0], w.height, w.width, x[3]}), y(r.out());
  crop<float>(r.x.view(), {w.top, x[1] - w.top - w.height, w.left, x[2] - w.left - w.width}, cut.view());
  for (Index i = 0; i < x[0]; ++i) {
    const View<const float> from{cut.view().sample(i), cut.shape().without_batch()};
    const View<float> to{y.view().sample(i), y.shape().without_batch()};
    r.sampling == Sampling::bilinear ? resize_bilinear(from, to) : resize_nearest(from, to);
  }
  return y;
}

}  // namespace

TEST_CASE("A batch of images is resized as each of them", "[ops][resize_images]") {
  for (const Case& c : cases())
    for (const Sampling sampling : {Sampling::bilinear, Sampling::nearest}) {
      const Resize<float> r{c, sampling, random_tensor<float>(c.x, 1)};
      INFO(c.x << " to " << r.out());
      // Three means of two values below 1, with and without a rounding between product and sum.
      CHECK((r.value().array() - reference(r).array()).abs().maxCoeff() <= (sampling == Sampling::nearest ? 0 : 4e-7F));
    }
}

TEST_CASE("Gradients of resizing equal central differences", "[ops][resize_images][gradient]") {
  for (const Case& c : cases())
    for (const Sampling sampling : {Sampling::bilinear, Sampling::nearest}) {
      Resize<double> r{c, sampling, random_tensor<double>(c.x, 1)};
      const auto dy = random_tensor<double>(r.out(), 2);
      INFO(c.x << " to " << r.out());
      CHECK(relative_error(r.gradient(dy), numeric_gradient(r.x, [&] { return dot(r.value(), dy); })) < 1e-7);
    }
}

TEST_CASE("Windows lie in the middle", "[ops][resize_images]") {
  const auto is = [](const ImageWindow& w, Index top, Index left, Index height, Index width) {
    return w.top == top && w.left == left && w.height == height && w.width == width;
  };
  const Shape x{2, 5, 8, 3};
  CHECK(is(ImageWindow::whole(x), 0, 0, 5, 8));
  CHECK(is(ImageWindow::middle(x, 2, 4), 1, 2, 2, 4));
  CHECK(is(ImageWindow::of_proportions(x, 10, 10), 0, 1, 5, 5));
  CHECK(is(ImageWindow::of_proportions(x, 1, 4), 1, 0, 2, 8));
  CHECK(is(ImageWindow::of_proportions(x, 900, 1), 0, 3, 5, 1));
  CHECK(is(ImageWindow::of_proportions(x, 1, 900), 2, 0, 1, 8));
}

TEST_CASE("Resizing has the same bits alone and in a batch, on any threads", "[ops][resize_images][threads]") {
  for (const Sampling sampling : {Sampling::bilinear, Sampling::nearest}) {
    const Case c{{7, 15, 17, 21}, 40, 31, {2, 3, 13, 11}};
    const Resize<float> r{c, sampling, random_tensor<float>(c.x, 1)}, one{c, sampling, r.x.slice(3, 4)};
    const auto dy = random_tensor<float>(r.out(), 2);
    CHECK(same_bits_on_any_threads([&] { return r.value(); }));
    CHECK(same_bits_on_any_threads([&] { return r.gradient(dy); }));
    CHECK(same_bits(one.value(), r.value().slice(3, 4)));
    CHECK(same_bits(one.gradient(dy.slice(3, 4)), r.gradient(dy).slice(3, 4)));
  }
}
