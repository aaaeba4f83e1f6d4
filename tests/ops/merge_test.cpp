#include <graft/ops/merge.hpp>

#include "support/catch.hpp"
#include "support/numeric.hpp"

using namespace graft;
using namespace graft::ops;

namespace {

constexpr MergeKind kinds[] = {MergeKind::add,     MergeKind::subtract, MergeKind::multiply,
                               MergeKind::average, MergeKind::maximum,  MergeKind::minimum};

template <class S>
struct Merge {
  MergeKind kind;
  std::vector<Tensor<S>> x;

  std::vector<View<const S>> views() const { return {x.begin(), x.end()}; }
  Tensor<S> value() const {
    std::vector<Shape> shapes;
    for (const Tensor<S>& t : x) shapes.push_back(t.shape());
    Tensor<S> y(broadcast_shape(shapes, "merge"));
    merge<S>(kind, views(), y.view());
    return y;
  }
  Tensor<S> gradient(const Tensor<S>& dy, Index k) const {
    Tensor<S> dx(x[to_size(k)].shape());
    std::fill(dx.begin(), dx.end(), std::numeric_limits<S>::quiet_NaN());  // every element has to be written
    const Tensor<S> y = value();
    merge_gradient<S>(kind, views(), y.view(), dy.view(), k, dx.view());
    return dx;
  }
};

template <class S>
Merge<S> make(MergeKind kind, const std::vector<Shape>& shapes) {
  Merge<S> m{kind, {}};
  for (const Shape& shape : shapes) m.x.push_back(random_tensor<S>(shape, 10 + m.x.size()));
  return m;
}

std::vector<std::vector<Shape>> shape_lists() {
  return {
      {{3, 2, 5, 7}, {3, 2, 5, 7}}, {{3, 2, 5, 7}, {3, 7}}, {{3, 2, 5, 1}, {3, 2, 5, 7}}, {{3, 1, 5, 1}, {3, 2, 1, 7}},
      {{3, 300}, {3, 1}},           {{3, 1}, {3, 300}},     {{3, 1, 1}, {3, 1, 1}},       {{3}, {3}}};
}

/// Element `at` of a tensor broadcast to the shape `out`.
double broadcast_element(const Tensor<double>& t, const Shape& out, Index at) {
  const Shape shape = align(t.shape(), out.rank());
  Index offset = 0, stride = 1;
  for (Index i = out.rank() - 1; i >= 0; --i) {
    offset += shape[i] == 1 ? 0 : at % out[i] * stride;
    stride *= shape[i];
    at /= out[i];
  }
  return t.data()[offset];
}

double reference(MergeKind kind, const std::vector<Tensor<double>>& x, const Shape& out, Index at) {
  double v = broadcast_element(x[0], out, at);
  for (std::size_t k = 1; k < x.size(); ++k) {
    const double u = broadcast_element(x[k], out, at);
    switch (kind) {
      case MergeKind::subtract:
        v = v - u;
        break;
      case MergeKind::multiply:
        v = v * u;
        break;
      case MergeKind::maximum:
        v = std::max(v, u);
        break;
      case MergeKind::minimum:
        v = std::min(v, u);
        break;
      default:
        v = v + u;
    }
  }
  return kind == MergeKind::average ? v / static_cast<double>(x.size()) : v;
}

}  // namespace

TEST_CASE("Merging broadcasts and combines from left to right", "[ops][merge]") {
  auto lists = shape_lists();
  lists.push_back({{2, 150, 100}, {2, 150, 100}});  // more than is merged at once: in pieces
  lists.push_back({{2, 150, 100}, {2, 150, 1}});    // and in several runs
  lists.push_back({{2, 1, 9000}, {2, 3, 9000}});
  for (const MergeKind kind : kinds)
    for (std::vector<Shape> shapes : lists) {
      if (kind != MergeKind::subtract) shapes.push_back(shapes[1]);
      const Merge<double> m = make<double>(kind, shapes);
      const Tensor<double> y = m.value();
      bool right = true;
      for (Index i = 0; i < y.size(); ++i) right = right && y.data()[i] == reference(kind, m.x, y.shape(), i);
      INFO("kind " << static_cast<int>(kind) << ", shapes " << shapes[0] << ' ' << shapes[1]);
      CHECK(right);
    }
}

TEST_CASE("Merge gradients equal central differences", "[ops][merge][gradient]") {
  for (const MergeKind kind : kinds)
    for (std::vector<Shape> shapes : shape_lists()) {
      if (kind != MergeKind::subtract) shapes.push_back(shapes[0]);
      Merge<double> m = make<double>(kind, shapes);
      const Tensor<double> dy = random_tensor<double>(m.value().shape(), 9);
      for (std::size_t k = 0; k < m.x.size(); ++k) {
        INFO("kind " << static_cast<int>(kind) << ", shapes " << shapes[0] << ' ' << shapes[1] << ", input " << k);
        const Tensor<double> expected = numeric_gradient(m.x[k], [&] { return dot(m.value(), dy); });
        // Away from ties: two random inputs are hardly ever within 1e-5 of one another, and with this seed none is.
        CHECK(relative_error(m.gradient(dy, static_cast<Index>(k)), expected) < 1e-7);
      }
    }
}

TEST_CASE("Of equal inputs the first one takes the gradient of a maximum", "[ops][merge][gradient]") {
  const Tensor<float> x({2, 1}, {1, 3}), dy({2, 1}, {5, 7}), none({2, 1});
  for (const MergeKind kind : {MergeKind::maximum, MergeKind::minimum}) {
    const Merge<float> m{kind, {x, x, x}};
    CHECK(same_bits(m.gradient(dy, 0), dy));
    CHECK(same_bits(m.gradient(dy, 1), none));
    CHECK(same_bits(m.gradient(dy, 2), none));
  }
}

TEST_CASE("Merging has the same bits alone and in a batch, on any threads", "[ops][merge][threads]") {
  const auto shapes =
      GENERATE(std::vector<Shape>{{9, 13, 14, 19}, {9, 13, 14, 19}}, std::vector<Shape>{{9, 13, 14, 19}, {9, 19}});
  const Merge<float> m = make<float>(MergeKind::multiply, shapes);
  const Merge<float> one{m.kind, {m.x[0].slice(4, 5), m.x[1].slice(4, 5)}};
  const Tensor<float> dy = random_tensor<float>(shapes[0], 3);
  CHECK(same_bits_on_any_threads([&] { return m.value(); }));
  CHECK(same_bits_on_any_threads([&] { return m.gradient(dy, 1); }));
  CHECK(same_bits(one.value(), m.value().slice(4, 5)));
  CHECK(same_bits(one.gradient(dy.slice(4, 5), 1), m.gradient(dy, 1).slice(4, 5)));
}
