#pragma once
#include <graft/ops/piecewise_activations.hpp>
#include <graft/ops/smooth_activations.hpp>
#include <limits>

namespace graft::ops {

/// Keras's element-wise activations; the formulas stand in piecewise_activations.hpp and
/// smooth_activations.hpp.
enum class ActivationKind {
  linear,
  relu,
  relu6,
  leaky_relu,
  elu,
  selu,
  celu,
  gelu,
  silu,
  mish,
  sigmoid,
  tanh,
  softplus,
  softsign,
  exponential,
  hard_sigmoid,
  hard_silu,
  hard_tanh,
  log_sigmoid,
  soft_shrink,
  hard_shrink,
  tanh_shrink,
  squareplus,
  sparse_plus,
  sparse_sigmoid,
  threshold
};

/// An element-wise activation with its parameters; a kind ignores those that it does not have. Activation::of(kind) has
/// Keras's defaults.
struct Activation {
  ActivationKind kind = ActivationKind::linear;
  /// elu (>= 0), celu: alpha (1). squareplus: b (4).
  double alpha = 1;
  /// relu (0), leaky_relu (0.2): the slope below the threshold.
  double negative_slope = 0;
  /// relu: the largest output.
  double max_value = std::numeric_limits<double>::infinity();
  /// relu (0), soft_shrink (0.5), hard_shrink (0.5), threshold.
  double threshold = 0;
  /// threshold: the output where x <= threshold.
  double default_value = 0;

  bool operator==(const Activation&) const = default;

  static Activation of(ActivationKind kind) {
    Activation a{.kind = kind};
    if (kind == ActivationKind::leaky_relu) a.negative_slope = 0.2;
    if (kind == ActivationKind::squareplus) a.alpha = 4;
    if (kind == ActivationKind::soft_shrink || kind == ActivationKind::hard_shrink) a.threshold = 0.5;
    return a;
  }
};

namespace detail {

/// Keras's relu(x, negative_slope, max_value, threshold) takes the plain functions where it can, and they differ at the
/// kinks: relu6 passes no gradient at 6, a clipped relu does.
template <class F>
decltype(auto) with_relu(const Activation& a, F&& f) {
  const bool bounded = a.max_value < std::numeric_limits<double>::infinity();
  if (a.threshold == 0 && a.negative_slope == 0 && !bounded) return f(activations::Relu{});
  if (a.threshold == 0 && a.negative_slope == 0 && a.max_value == 6) return f(activations::Relu6{});
  if (a.threshold == 0 && !bounded) return f(activations::LeakyRelu{a.negative_slope});
  return f(activations::GeneralRelu{a.negative_slope, a.max_value, a.threshold});
}

/// f(functor of a)
template <class F>
decltype(auto) with_activation(const Activation& a, F&& f) {
  namespace act = activations;
  switch (a.kind) {
    case ActivationKind::linear:
      return f(act::Linear{});
    case ActivationKind::relu:
      return with_relu(a, f);
    case ActivationKind::relu6:
      return f(act::Relu6{});
    case ActivationKind::leaky_relu:
      return f(act::LeakyRelu{a.negative_slope});
    case ActivationKind::elu:
      return f(act::Elu{a.alpha});
    case ActivationKind::selu:
      return f(act::Selu{});
    case ActivationKind::celu:
      return f(act::Celu{a.alpha});
    case ActivationKind::gelu:
      return f(act::Gelu{});
    case ActivationKind::silu:
      return f(act::Silu{});
    case ActivationKind::mish:
      return f(act::Mish{});
    case ActivationKind::sigmoid:
      return f(act::Sigmoid{});
    case ActivationKind::tanh:
      return f(act::Tanh{});
    case ActivationKind::softplus:
      return f(act::Softplus{});
    case ActivationKind::softsign:
      return f(act::Softsign{});
    case ActivationKind::exponential:
      return f(act::Exponential{});
    case ActivationKind::hard_sigmoid:
      return f(act::HardSigmoid{});
    case ActivationKind::hard_silu:
      return f(act::HardSilu{});
    case ActivationKind::hard_tanh:
      return f(act::HardTanh{});
    case ActivationKind::log_sigmoid:
      return f(act::LogSigmoid{});
    case ActivationKind::soft_shrink:
      return f(act::SoftShrink{a.threshold});
    case ActivationKind::hard_shrink:
      return f(act::HardShrink{a.threshold});
    case ActivationKind::tanh_shrink:
      return f(act::TanhShrink{});
    case ActivationKind::squareplus:
      return f(act::Squareplus{a.alpha});
    case ActivationKind::sparse_plus:
      return f(act::SparsePlus{});
    case ActivationKind::sparse_sigmoid:
      return f(act::SparseSigmoid{});
    case ActivationKind::threshold:
      return f(act::Threshold{a.threshold, a.default_value});
  }
  return f(act::Linear{});
}

/// f(simd): the instruction set that the functor F is compiled for and the processor has.
template <class S, class F, class Call>
void with_isa_of(const Call& call) {
  if constexpr (requires { F::rare; })
    call(Baseline<S>{});
  else
    with_isa<S>(call);
}

}  // namespace detail

/// True if the gradient can be computed from y = f(x) alone, so that f may be applied in place and x forgotten.
inline bool gradient_from_output(const Activation& a) {
  return detail::with_activation(a, [](auto f) { return bool(f.from_output); });
}

/// y[i] = f(x[i]) for n elements; y may be x. Runs in the calling thread; a value's bits do not depend on where it
/// stands, so a caller may cut the array anywhere.
template <class S>
void apply_activation(const Activation& a, const S* x, S* y, Index n) {
  if (a.kind == ActivationKind::linear && x == y) return;
  detail::with_activation(a, [&](auto f) {
    const auto value = [f](const auto& v) GRAFT_INLINE_LAMBDA { return f.value(v); };
    detail::with_isa_of<S, decltype(f)>(
        [&](auto simd) { Compiled<decltype(simd), detail::MapKernel>::run(x, y, n, &value); });
  });
}
/// In place.
template <class S>
void apply_activation(const Activation& a, S* x, Index n) {
  apply_activation<S>(a, x, x, n);
}

/// dx[i] = dy[i] f'(x[i]) for n elements; dx may be dy. x_or_y is y where gradient_from_output(a), x elsewhere.
template <class S>
void activation_gradient(const Activation& a, const S* x_or_y, const S* dy, S* dx, Index n) {
  if (a.kind == ActivationKind::linear && dx == dy) return;
  detail::with_activation(a, [&](auto f) {
    const auto gradient = [f](const auto& v, const auto& d) GRAFT_INLINE_LAMBDA { return f.gradient(v, d); };
    detail::with_isa_of<S, decltype(f)>(
        [&](auto simd) { Compiled<decltype(simd), detail::MapTwoKernel>::run(x_or_y, dy, dx, n, &gradient); });
  });
}
/// In place: dy *= f'.
template <class S>
void activation_gradient(const Activation& a, const S* x_or_y, S* dy, Index n) {
  activation_gradient<S>(a, x_or_y, dy, dy, n);
}

}  // namespace graft::ops
