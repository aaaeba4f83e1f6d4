#include <graft/losses/cosine_similarity.hpp>

#include "losses/evaluate.hpp"
#include "support/catch.hpp"

using namespace graft;

TEST_CASE("CosineSimilarity is -1 for the same direction and 1 for the opposite one", "[losses][cosine_similarity]") {
  CHECK_THAT(loss_of<double>("cosine_similarity", {3, 4}, {6, 8}), WithinRel(-1.0, 1e-15));
  CHECK_THAT(loss_of<double>("cosine_similarity", {3, 4}, {-6, -8}), WithinRel(1.0, 1e-15));
  CHECK(loss_of<double>("cosine_similarity", {1, 0}, {0, 1}) == 0);
  CHECK_THAT(loss_of<double>("cosine_similarity", {1, 0}, {1, 1}), WithinRel(-std::sqrt(0.5), 1e-15));
}

TEST_CASE("CosineSimilarity of a zero vector is 0, with a finite gradient", "[losses][cosine_similarity]") {
  const Tensor<double> t({1, 2}, {3, 4}), zero({1, 2}, {0, 0});
  CHECK(losses_of("cosine_similarity", t, zero)(0) == 0);
  // -t / |t| / 1e-7
  const auto dp = gradient_of(Loss("cosine_similarity"), t, zero);
  CHECK_THAT(dp(0, 0), WithinRel(-0.6e7, 1e-14));
  CHECK_THAT(dp(0, 1), WithinRel(-0.8e7, 1e-14));
  CHECK_THROWS_AS(losses::CosineSimilarity({.axis = 0}), ArgumentError);
}
