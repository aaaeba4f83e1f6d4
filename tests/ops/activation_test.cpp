#include <graft/ops/activation.hpp>

#include <limits>

#include "support/catch.hpp"
#include "support/numeric.hpp"

using namespace graft;
using namespace graft::ops;
using Kind = ActivationKind;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

std::vector<Activation> all_activations() {
  std::vector<Activation> all;
  for (int k = 0; k <= static_cast<int>(Kind::threshold); ++k) all.push_back(Activation::of(static_cast<Kind>(k)));
  all.back().threshold = 0.3;
  all.back().default_value = -2;
  all.push_back({.kind = Kind::relu, .negative_slope = 0.1});
  all.push_back({.kind = Kind::relu, .max_value = 6});
  all.push_back({.kind = Kind::relu, .max_value = 2.5});
  all.push_back({.kind = Kind::relu, .negative_slope = 0.1, .max_value = 2.5, .threshold = 0.7});
  all.push_back({.kind = Kind::relu, .threshold = 0.7});
  all.push_back({.kind = Kind::leaky_relu, .negative_slope = -0.5});
  all.push_back({.kind = Kind::elu, .alpha = 1.7});
  all.push_back({.kind = Kind::celu, .alpha = 0.6});
  return all;
}

long double sigmoid(long double x) { return 1 / (1 + std::exp(-x)); }
long double softplus(long double x) { return std::max(x, 0.0L) + std::log1p(std::exp(-std::abs(x))); }
long double hard_sigmoid(long double x) { return std::clamp(x / 6 + 0.5L, 0.0L, 1.0L); }

/// The formulas of Keras's documentation.
long double reference(const Activation& a, long double x) {
  const long double alpha = a.alpha, slope = a.negative_slope, t = a.threshold, top = a.max_value;
  switch (a.kind) {
    case Kind::linear:
      return x;
    case Kind::relu:
      return x > t ? std::min(x, top) : slope == 0 ? 0 : slope * (x - t);
    case Kind::relu6:
      return std::clamp(x, 0.0L, 6.0L);
    case Kind::leaky_relu:
      return x > 0 ? x : slope * x;
    case Kind::elu:
      return x > 0 ? x : alpha * std::expm1(x);
    case Kind::selu:
      return 1.05070098735548049342L * (x > 0 ? x : 1.67326324235437728481L * std::expm1(x));
    case Kind::celu:
      return std::max(x, 0.0L) + alpha * std::expm1(std::min(x, 0.0L) / alpha);
    case Kind::gelu:
      return 0.5L * x * (1 + std::erf(x / std::sqrt(2.0L)));
    case Kind::silu:
      return x * sigmoid(x);
    case Kind::mish:
      return x * std::tanh(softplus(x));
    case Kind::sigmoid:
      return sigmoid(x);
    case Kind::tanh:
      return std::tanh(x);
    case Kind::softplus:
      return softplus(x);
    case Kind::softsign:
      return x / (1 + std::abs(x));
    case Kind::exponential:
      return std::exp(x);
    case Kind::hard_sigmoid:
      return hard_sigmoid(x);
    case Kind::hard_silu:
      return x * hard_sigmoid(x);
    case Kind::hard_tanh:
      return std::clamp(x, -1.0L, 1.0L);
    case Kind::log_sigmoid:
      return -softplus(-x);
    case Kind::soft_shrink:
      return x > t ? x - t : x < -t ? x + t : 0;
    case Kind::hard_shrink:
      return std::abs(x) > t ? x : 0;
    case Kind::tanh_shrink:
      return x - std::tanh(x);
    case Kind::squareplus:
      return (x + std::sqrt(x * x + alpha)) / 2;
    case Kind::sparse_plus:
      return x <= -1 ? 0 : x < 1 ? (x + 1) * (x + 1) / 4 : x;
    case Kind::sparse_sigmoid:
      return std::clamp((x + 1) / 2, 0.0L, 1.0L);
    case Kind::threshold:
      return x > t ? x : a.default_value;
  }
  return 0;
}

/// The formula subtracts nearly equal numbers, so the error follows the size of x, not of the result.
bool cancels(Kind k) {
  return k == Kind::gelu || k == Kind::tanh_shrink || k == Kind::squareplus || k == Kind::hard_sigmoid ||
         k == Kind::hard_silu || k == Kind::sparse_plus || k == Kind::sparse_sigmoid || k == Kind::soft_shrink ||
         k == Kind::relu;
}

template <class S>
double worst_error(const Activation& a, double low, double high) {
  double worst = 0;
  const Tensor<S> x = random_tensor<S>({4001}, 3, low, high);
  Tensor<S> y(x.shape());
  apply_activation(a, x.data(), y.data(), x.size());
  for (Index i = 0; i < x.size(); ++i) {
    const long double expected = reference(a, x(i));
    const long double size = std::abs(expected) + (cancels(a.kind) ? std::abs(static_cast<long double>(x(i))) : 0);
    if (size > 0) worst = std::max(worst, static_cast<double>(std::abs(y(i) - expected) / size));
  }
  return worst;
}

double value(const Activation& a, double x) {
  apply_activation(a, &x, 1);
  return x;
}
double gradient(const Activation& a, double x) {
  double d = 1;
  if (gradient_from_output(a)) apply_activation(a, &x, 1);
  activation_gradient(a, &x, &d, 1);
  return d;
}

}  // namespace

TEST_CASE("Activations follow their formulas to the last bits", "[ops][activation]") {
  for (const Activation& a : all_activations()) {
    INFO("kind " << static_cast<int>(a.kind));
    // Parameters such as 0.1 are rounded to S first; then at most 8 roundings follow one another (softplus in mish).
    CHECK(worst_error<double>(a, -12, 12) < 10 * std::numeric_limits<double>::epsilon());
    CHECK(worst_error<double>(a, -1e-3, 1e-3) < 10 * std::numeric_limits<double>::epsilon());
    CHECK(worst_error<float>(a, -12, 12) < 10 * std::numeric_limits<float>::epsilon());
    CHECK(worst_error<float>(a, -1e-3, 1e-3) < 10 * std::numeric_limits<float>::epsilon());
  }
}

TEST_CASE("Activation gradients equal central differences", "[ops][activation][gradient]") {
  for (const Activation& a : all_activations()) {
    INFO("kind " << static_cast<int>(a.kind));
    // Steps of 0.0973 from -7.013 meet no kink: those are multiples of 0.1.
    Tensor<double> x({145}), dy = random_tensor<double>({145}, 5), y({145});
    for (Index i = 0; i < x.size(); ++i) x(i) = -7.013 + 0.0973 * static_cast<double>(i);
    const Tensor<double> expected = numeric_gradient(x, [&] {
      apply_activation(a, x.data(), y.data(), x.size());
      return dot(y, dy);
    });
    apply_activation(a, x.data(), y.data(), x.size());
    Tensor<double> dx = dy;
    activation_gradient(a, gradient_from_output(a) ? y.data() : x.data(), dx.data(), dx.size());
    CHECK(relative_error(dx, expected) < 1e-7);
  }
}

TEST_CASE("At the kinks the gradient is TensorFlow's", "[ops][activation][gradient]") {
  CHECK(gradient({.kind = Kind::relu}, 0) == 0);
  CHECK(gradient({.kind = Kind::relu6}, 0) == 0);
  CHECK(gradient({.kind = Kind::relu6}, 6) == 0);
  CHECK(gradient({.kind = Kind::relu, .max_value = 6}, 6) == 0);
  CHECK(gradient({.kind = Kind::relu, .max_value = 5}, 0) == 0);
  CHECK(gradient({.kind = Kind::relu, .max_value = 5}, 5) == 1);
  CHECK(gradient({.kind = Kind::relu, .negative_slope = 0.1}, 0) == 0.1);
  CHECK(gradient({.kind = Kind::relu, .negative_slope = 0.1, .max_value = 6}, 6) == 0);
  CHECK(gradient({.kind = Kind::relu, .negative_slope = 0.1, .max_value = 5}, 0) == 0);
  CHECK(gradient({.kind = Kind::relu, .negative_slope = 0.1, .max_value = 5}, 5) == 1);
  CHECK(gradient({.kind = Kind::relu, .negative_slope = 0.1, .max_value = 5, .threshold = -1}, -0.5) == 0);
  CHECK(gradient({.kind = Kind::relu, .threshold = 1}, 1) == 0);
  CHECK(gradient(Activation::of(Kind::leaky_relu), 0) == 0.2);
  CHECK(gradient({.kind = Kind::elu}, 0) == 1);
  CHECK(gradient({.kind = Kind::elu, .alpha = 2}, 0) == 2);
  CHECK(gradient({.kind = Kind::selu}, 0) == Approx(1.0507009873554805).epsilon(1e-15));
  CHECK(gradient({.kind = Kind::celu}, 0) == 1);  // Keras's formula gives 2 here: both its max and its min pass it on
  for (const double x : {-3.0, 3.0}) CHECK(gradient({.kind = Kind::hard_sigmoid}, x) == 0);
  CHECK(gradient({.kind = Kind::hard_silu}, -3) == 0);
  CHECK(gradient({.kind = Kind::hard_silu}, 3) == 1);
  for (const double x : {-1.0, 1.0}) CHECK(gradient({.kind = Kind::hard_tanh}, x) == 1);
  for (const double x : {-0.5, 0.5}) CHECK(gradient(Activation::of(Kind::soft_shrink), x) == 0);
  for (const double x : {-0.5, 0.5}) CHECK(gradient(Activation::of(Kind::hard_shrink), x) == 0);
  CHECK(gradient({.kind = Kind::sparse_plus}, -1) == 0);
  CHECK(gradient({.kind = Kind::sparse_plus}, 1) == 1);
  for (const double x : {-1.0, 1.0}) CHECK(gradient({.kind = Kind::sparse_sigmoid}, x) == 0);
  CHECK(gradient({.kind = Kind::threshold, .threshold = 0.5}, 0.5) == 0);
}

TEST_CASE("A value's bits do not depend on its place in the array", "[ops][activation]") {
  for (const Activation& a : all_activations()) {
    INFO("kind " << static_cast<int>(a.kind));
    const Tensor<float> x = random_tensor<float>({67}, 11, -8, 8), dy = random_tensor<float>({67}, 12);
    Tensor<float> y(x.shape()), dx(x.shape());
    apply_activation(a, x.data(), y.data(), x.size());
    const Tensor<float>& seen = gradient_from_output(a) ? y : x;
    activation_gradient(a, seen.data(), dy.data(), dx.data(), x.size());
    bool same = true;
    for (Index i = 0; i < x.size(); ++i) {
      float one = x(i), gradient_of_one = dy(i);
      apply_activation(a, &one, 1);
      activation_gradient(a, seen.data() + i, &gradient_of_one, 1);
      same =
          same && std::memcmp(&one, &y(i), sizeof one) == 0 && std::memcmp(&gradient_of_one, &dx(i), sizeof one) == 0;
    }
    CHECK(same);
  }
}

TEST_CASE("Activations of huge and undefined values", "[ops][activation]") {
  for (const Activation& a : all_activations()) {
    INFO("kind " << static_cast<int>(a.kind));
    const bool keeps_nan = a.kind != Kind::hard_shrink && a.kind != Kind::threshold;
    CHECK(std::isnan(value(a, std::numeric_limits<double>::quiet_NaN())) == keeps_nan);
  }
  CHECK(value({.kind = Kind::relu}, -infinity) == 0);
  CHECK(value({.kind = Kind::relu, .max_value = 2}, -infinity) == 0);
  CHECK(value({.kind = Kind::relu}, infinity) == infinity);
  CHECK(value({.kind = Kind::sigmoid}, -infinity) == 0);
  CHECK(value({.kind = Kind::sigmoid}, infinity) == 1);
  CHECK(value({.kind = Kind::tanh}, -infinity) == -1);
  CHECK(value({.kind = Kind::tanh}, infinity) == 1);
  CHECK(value({.kind = Kind::softplus}, -1e4) == 0);
  CHECK(value({.kind = Kind::softplus}, 1e4) == 1e4);
  CHECK(value({.kind = Kind::log_sigmoid}, -1e4) == -1e4);
  CHECK(value({.kind = Kind::elu}, -infinity) == -1);
  CHECK(value({.kind = Kind::exponential}, -1e4) == 0);
  CHECK(value({.kind = Kind::exponential}, 1e4) == infinity);
  CHECK(value({.kind = Kind::exponential}, 709.7) == Approx(std::exp(709.7)).epsilon(1e-15));
  CHECK(value({.kind = Kind::exponential}, 0) == 1);
}

TEST_CASE("Activation::of has Keras's defaults", "[ops][activation]") {
  CHECK(Activation{}.kind == Kind::linear);
  CHECK(Activation::of(Kind::leaky_relu).negative_slope == 0.2);
  CHECK(Activation::of(Kind::squareplus).alpha == 4);
  CHECK(Activation::of(Kind::hard_shrink).threshold == 0.5);
  CHECK(Activation::of(Kind::relu) == Activation{.kind = Kind::relu});
  CHECK(gradient_from_output({.kind = Kind::relu}));
  CHECK_FALSE(gradient_from_output({.kind = Kind::silu}));
}
