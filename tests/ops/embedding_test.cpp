#include <graft/ops/embedding.hpp>

#include "support/catch.hpp"
#include "support/numeric.hpp"

using namespace graft;
using namespace graft::ops;

namespace {

template <class S>
Tensor<S> rows_of(const Tensor<S>& ids, const Tensor<S>& table) {
  Tensor<S> y({ids.size(), table.shape()[1]});
  embed<S>(ids.view(), table.view(), y.view(), "Embedding 'e'");
  return y;
}

}  // namespace

TEST_CASE("embed takes rows, with fractions cut off", "[ops][embedding]") {
  const Tensor<float> table({3, 2}, {1, 2, 3, 4, 5, 6});
  CHECK(
      same_bits(rows_of(Tensor<float>({4}, {2, 0, 1.75F, 2}), table), Tensor<float>({4, 2}, {5, 6, 1, 2, 3, 4, 5, 6})));
}

TEST_CASE("embed refuses what is no row", "[ops][embedding]") {
  const Tensor<float> table({3, 2});
  const auto got = [&](float id) { return rows_of(Tensor<float>({1}, {id}), table); };
  const std::string rule = "Embedding 'e': its input must hold indices 0 .. 2, got ";
  CHECK_THROWS_MATCHES(got(3), ArgumentError, Message(rule + "3."));
  CHECK_THROWS_MATCHES(got(-1), ArgumentError, Message(rule + "-1."));
  CHECK_THROWS_MATCHES(got(std::numeric_limits<float>::quiet_NaN()), ArgumentError, Message(rule + "nan."));
  CHECK_THROWS_AS(got(1e30F), ArgumentError);
}

TEST_CASE("embed's gradient adds up rows that are taken twice", "[ops][embedding][gradient]") {
  for (const Index columns : {1, 7, 40}) {
    const Tensor<double> ids({5}, {2, 0, 2, 2, 3});
    auto table = random_tensor<double>({4, columns}, 1);
    const auto dy = random_tensor<double>({5, columns}, 2);
    Tensor<double> gradient(table.shape());
    embedding_gradient<double>(ids.view(), dy.view(), gradient.view());
    CHECK(relative_error(gradient, numeric_gradient(table, [&] { return dot(rows_of(ids, table), dy); })) < 1e-7);
    CHECK(gradient(1, 0) == 0);
    const Tensor<double> once = gradient;
    embedding_gradient<double>(ids.view(), dy.view(), gradient.view());
    CHECK((gradient.array() - 2 * once.array()).abs().maxCoeff() < 1e-14);  // it adds
  }
}

TEST_CASE("embed has the same bits on any threads", "[ops][embedding][threads]") {
  Tensor<float> ids({400});
  for (Index i = 0; i < 400; ++i) ids.data()[i] = static_cast<float>(i * i % 13);
  const auto table = random_tensor<float>({13, 100}, 1), dy = random_tensor<float>({400, 100}, 2);
  CHECK(same_bits_on_any_threads([&] { return rows_of(ids, table); }));
  CHECK(same_bits_on_any_threads([&] {
    Tensor<float> gradient(table.shape());
    embedding_gradient<float>(ids.view(), dy.view(), gradient.view());
    return gradient;
  }));
}
