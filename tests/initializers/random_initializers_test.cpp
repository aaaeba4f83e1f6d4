#include <graft/initializers/initializer.hpp>

#include "support/catch.hpp"

using namespace graft;

namespace {

struct Statistics {
  double min, max, mean, stddev;
};
Statistics statistics(const Initializer& initializer, const Shape& shape = {300, 400}) {
  const auto w = initializer.operator()<double>(shape, RandomStream(17));
  const double mean = w.array().mean();
  return {w.array().minCoeff(), w.array().maxCoeff(), mean, std::sqrt((w.array() - mean).square().mean())};
}

// Of 120000 values: the mean is off by stddev / 346, the standard deviation of a normal by 1 / 490 of itself; five
// times that is allowed.
constexpr double of_mean = 5.0 / 346, of_stddev = 5.0 / 490;

}  // namespace

TEST_CASE("RandomNormal has its mean and standard deviation", "[initializers][random]") {
  const auto s = statistics(initializers::RandomNormal({.mean = 1, .stddev = 0.5}));
  CHECK_THAT(s.mean, WithinAbs(1, 0.5 * of_mean));
  CHECK_THAT(s.stddev, WithinRel(0.5, of_stddev));
  CHECK(s.max > 2.5);  // 160 of 120000 normal numbers are more than 3 stddev up
}

TEST_CASE("RandomUniform fills its interval", "[initializers][random]") {
  const auto s = statistics(initializers::RandomUniform({.minval = 1, .maxval = 3}));
  CHECK(s.min >= 1);
  CHECK(s.max < 3);
  CHECK_THAT(s.mean, WithinAbs(2, 2 / std::sqrt(12.0) * of_mean));
  CHECK_THAT(s.stddev, WithinRel(2 / std::sqrt(12.0), of_stddev));
  CHECK_THAT(statistics("random_uniform").max, WithinAbs(0.05, 1e-5));  // the largest of 120000
}

TEST_CASE("TruncatedNormal stays within 2 stddev and is not rescaled", "[initializers][random]") {
  const auto s = statistics(initializers::TruncatedNormal({.mean = 1, .stddev = 0.5}));
  CHECK(s.min >= 0);
  CHECK(s.max <= 2);
  CHECK_THAT(s.mean, WithinAbs(1, 0.5 * of_mean));
  CHECK_THAT(s.stddev, WithinRel(0.5 * 0.87962566103423978, of_stddev));
}

TEST_CASE("Named initializers have their variance by the fans of a matrix", "[initializers][random]") {
  const double in = 300, out = 400;
  struct Case {
    const char* name;
    double variance;
    bool uniform;
  };
  for (const Case& c : {Case{"glorot_uniform", 2 / (in + out), true}, Case{"glorot_normal", 2 / (in + out), false},
                        Case{"he_uniform", 2 / in, true}, Case{"he_normal", 2 / in, false},
                        Case{"lecun_uniform", 1 / in, true}, Case{"lecun_normal", 1 / in, false}}) {
    INFO(c.name);
    const auto s = statistics(c.name);
    const double limit = c.uniform ? std::sqrt(3 * c.variance) : 2 * std::sqrt(c.variance) / 0.87962566103423978;
    CHECK_THAT(s.stddev, WithinRel(std::sqrt(c.variance), of_stddev));
    CHECK_THAT(s.mean, WithinAbs(0, std::sqrt(c.variance) * of_mean));
    CHECK(s.max <= limit);
    CHECK(s.min >= -limit);
    CHECK_THAT(s.max, WithinRel(limit, 1e-3));  // the largest of 120000 comes this near
  }
}

TEST_CASE("compute_fans multiplies a convolution's window in", "[initializers][fans]") {
  struct Case {
    Shape shape;
    double in, out;
  };
  for (const Case& c :
       {Case{{}, 1, 1}, Case{{7}, 7, 7}, Case{{3, 5}, 3, 5}, Case{{3, 2, 8, 16}, 48, 96}, Case{{3, 3, 8, 1}, 72, 9}}) {
    CHECK(initializers::compute_fans(c.shape).in == c.in);
    CHECK(initializers::compute_fans(c.shape).out == c.out);
  }
}

TEST_CASE("VarianceScaling by mode and distribution", "[initializers][random]") {
  const char* mode = GENERATE("fan_in", "fan_out", "fan_avg");
  const char* distribution = GENERATE("truncated_normal", "normal", "untruncated_normal", "uniform");
  const double fan = std::string(mode) == "fan_in" ? 300 : std::string(mode) == "fan_out" ? 400 : 350;
  const auto s = statistics(initializers::VarianceScaling({.scale = 3, .mode = mode, .distribution = distribution}));
  CHECK_THAT(s.stddev, WithinRel(std::sqrt(3 / fan), of_stddev));
  const bool cut = std::string(distribution) != "untruncated_normal";
  CHECK((s.max < 2.3 * std::sqrt(3 / fan)) == cut);
}

TEST_CASE("VarianceScaling refuses wrong options", "[initializers]") {
  CHECK_THROWS_MATCHES(initializers::VarianceScaling({.scale = 0}), ArgumentError,
                       Message("VarianceScaling: scale is above 0, got 0."));
  CHECK_THROWS_MATCHES(initializers::VarianceScaling({.mode = "fan"}), ArgumentError,
                       Message("VarianceScaling: mode is one of fan_in, fan_out, fan_avg; got \"fan\"."));
  CHECK_THROWS_MATCHES(initializers::VarianceScaling({.distribution = "flat"}), ArgumentError,
                       Message("VarianceScaling: distribution is one of truncated_normal, normal, untruncated_normal, "
                               "uniform; got \"flat\"."));
}

TEST_CASE("Orthogonal makes orthonormal columns, or rows where there are fewer", "[initializers][orthogonal]") {
  const Shape shape = GENERATE(values<Shape>({{20, 6}, {6, 20}, {7, 7}, {3, 2, 5}, {1, 4}, {4, 1}}));
  INFO(shape);
  const auto w =
      Initializer(initializers::Orthogonal({.gain = 2, .seed = 3})).operator()<double>(shape, RandomStream(1));
  const auto m = w.matrix();
  const bool wide = m.rows() < m.cols();
  const Eigen::MatrixXd product = wide ? Eigen::MatrixXd(m * m.transpose()) : Eigen::MatrixXd(m.transpose() * m);
  // Two passes of Gram and Schmidt leave some roundings of 1e-16.
  CHECK((product / 4 - Eigen::MatrixXd::Identity(product.rows(), product.cols())).cwiseAbs().maxCoeff() < 1e-14);
}

TEST_CASE("Orthogonal turns either way equally often", "[initializers][orthogonal]") {
  // The first entry of a random unit vector in the plane is positive half the time: 500 of 1000, off by 16; 5 times
  // that.
  Index positive = 0;
  for (std::uint64_t i = 0; i < 1000; ++i)
    positive += Initializer("orthogonal").operator()<double>({2, 2}, RandomStream(mix(i)))(0, 0) > 0;
  CHECK(positive > 420);
  CHECK(positive < 580);
  CHECK_THROWS_MATCHES(Initializer("orthogonal")({3}, RandomStream(1)), ShapeError,
                       Message("Orthogonal: the initializer needs at least 2 axes, got the shape (3,)."));
}
