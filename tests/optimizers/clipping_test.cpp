#include <graft/optimizers/clipping.hpp>

#include "support/catch.hpp"
#include "support/numeric.hpp"

using namespace graft;

namespace {

void clip(std::vector<Tensor<double>>& gradients, const optimizers::Clipping& clipping) {
  std::vector<View<double>> views;
  for (auto& g : gradients) views.push_back(g.view());
  optimizers::clip_gradients<double>(views, clipping);
}

}  // namespace

TEST_CASE("clipnorm shortens each gradient for itself", "[optimizers][clipping]") {
  std::vector<Tensor<double>> g{Tensor<double>({2}, {3, 4}), Tensor<double>({2}, {0.3, 0.4})};
  clip(g, {.clipnorm = 1.0});
  CHECK_THAT(g[0](0), WithinRel(0.6, 1e-15));
  CHECK_THAT(g[0](1), WithinRel(0.8, 1e-15));
  CHECK(g[1](0) == 0.3);  // short enough: untouched
}

TEST_CASE("global_clipnorm shortens all gradients by one factor", "[optimizers][clipping]") {
  std::vector<Tensor<double>> g{Tensor<double>({2}, {2, 4}), Tensor<double>({1, 1}, {4})};  // norm 6
  clip(g, {.global_clipnorm = 3.0});
  CHECK(g[0](0) == 1);
  CHECK(g[0](1) == 2);
  CHECK(g[1](0, 0) == 2);
  clip(g, {.global_clipnorm = 5.0});
  CHECK(g[0](1) == 2);
}

TEST_CASE("global_clipnorm makes everything NaN when the norm is not finite", "[optimizers][clipping]") {
  std::vector<Tensor<double>> g{Tensor<double>({1}, {std::numeric_limits<double>::infinity()}),
                                Tensor<double>({1}, {1})};
  clip(g, {.global_clipnorm = 3.0});
  CHECK(std::isnan(g[0](0)));
  CHECK(std::isnan(g[1](0)));
}

TEST_CASE("clipvalue clamps every element", "[optimizers][clipping]") {
  std::vector<Tensor<double>> g{Tensor<double>({4}, {-3, -0.5, 0.5, 3})};
  clip(g, {.clipvalue = 0.75});
  CHECK((g[0].array() == Tensor<double>({4}, {-0.75, -0.5, 0.5, 0.75}).array()).all());
}

TEST_CASE("Without a limit gradients stay as they are", "[optimizers][clipping]") {
  std::vector<Tensor<double>> g{Tensor<double>({1}, {1e30})};
  clip(g, {});
  CHECK(g[0](0) == 1e30);
}

TEST_CASE("A norm has the same bits on any number of threads", "[optimizers][clipping][bits]") {
  CHECK(same_bits_on_any_threads([] {
    std::vector<Tensor<double>> g{random_tensor<double>({50000}, 3)};
    clip(g, {.clipnorm = 1.0});
    return g[0];
  }));
}

TEST_CASE("Only one limit can be set, and it is above 0", "[optimizers][clipping]") {
  const optimizers::Clipping two{.clipnorm = 1.0, .clipvalue = 1.0};
  CHECK_THROWS_MATCHES(two.check("X"), ArgumentError,
                       Message("X: only one of clipnorm, clipvalue and global_clipnorm can be set."));
  const optimizers::Clipping zero{.global_clipnorm = 0.0};
  CHECK_THROWS_MATCHES(zero.check("X"), ArgumentError, Message("X: a clipping limit is above 0, got 0."));
}
