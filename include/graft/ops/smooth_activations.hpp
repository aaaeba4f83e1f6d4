#pragma once
#include <graft/ops/vector_math.hpp>
#include <numbers>

/// The activations made of exponentials and roots: functors as in piecewise_activations.hpp.
namespace graft::ops::activations {

/// x > 0 ? x : alpha (e^x - 1). Requires alpha >= 0.
struct Elu {
  static constexpr bool from_output = true;
  double alpha;
  template <class L>
  GRAFT_INLINE L value(const L& x) const {
    return if_less(L(), x, x, expm1(x) * alpha);
  }
  template <class L>
  GRAFT_INLINE L gradient(const L& y, const L& dy) const {
    return if_less(L(), y, dy, dy * (y + alpha));
  }
};

/// scale (x > 0 ? x : alpha (e^x - 1)). Source: Klambauer et al. 2017.
struct Selu {
  static constexpr bool from_output = true;
  static constexpr double scale = 1.0507009873554804934193349852946, alpha = 1.6732632423543772848170429916717;
  template <class L>
  GRAFT_INLINE L value(const L& x) const {
    return if_less(L(), x, x, expm1(x) * alpha) * scale;
  }
  template <class L>
  GRAFT_INLINE L gradient(const L& y, const L& dy) const {
    return dy * if_less(y, L(), y + scale * alpha, L(scale));
  }
};

/// max(x, 0) + alpha (e^(min(x, 0) / alpha) - 1)
struct Celu {
  static constexpr bool from_output = false, rare = true;
  double alpha;
  template <class L>
  GRAFT_INLINE L value(const L& x) const {
    return if_less(L(), x, x, expm1(x / alpha) * alpha);
  }
  template <class L>
  GRAFT_INLINE L gradient(const L& x, const L& dy) const {
    return if_less(L(), x, dy, dy * exp(x / alpha));
  }
};

/// x P(x), where P is the normal distribution function: x (1 + erf(x / sqrt(2))) / 2
struct Gelu {
  static constexpr bool from_output = false;
  template <class L>
  GRAFT_INLINE L value(const L& x) const {
    return x * distribution(x);
  }
  template <class L>
  GRAFT_INLINE L gradient(const L& x, const L& dy) const {
    const L density = exp(x * x * -0.5) * (0.5 * std::numbers::sqrt2 * std::numbers::inv_sqrtpi);
    return dy * (distribution(x) + x * density);
  }

 private:
  template <class L>
  GRAFT_INLINE static L distribution(const L& x) {
    return (erf(x * (std::numbers::sqrt2 / 2)) + 1) * 0.5;
  }
};

/// x sigmoid(x)
struct Silu {
  static constexpr bool from_output = false;
  template <class L>
  GRAFT_INLINE L value(const L& x) const {
    return x * sigmoid(x);
  }
  template <class L>
  GRAFT_INLINE L gradient(const L& x, const L& dy) const {
    const L s = sigmoid(x);
    return dy * (s + x * s * (1 - s));
  }
};

/// x tanh(softplus(x))
struct Mish {
  static constexpr bool from_output = false;
  template <class L>
  GRAFT_INLINE L value(const L& x) const {
    return x * tanh(softplus(x));
  }
  template <class L>
  GRAFT_INLINE L gradient(const L& x, const L& dy) const {
    const L t = tanh(softplus(x));
    return dy * (t + x * (1 - t * t) * sigmoid(x));
  }
};

struct Sigmoid {
  static constexpr bool from_output = true;
  template <class L>
  GRAFT_INLINE L value(const L& x) const {
    return sigmoid(x);
  }
  template <class L>
  GRAFT_INLINE L gradient(const L& y, const L& dy) const {
    return dy * (y * (1 - y));
  }
};

struct Tanh {
  static constexpr bool from_output = true;
  template <class L>
  GRAFT_INLINE L value(const L& x) const {
    return tanh(x);
  }
  template <class L>
  GRAFT_INLINE L gradient(const L& y, const L& dy) const {
    return dy * (1 - y * y);
  }
};

/// ln(1 + e^x); the gradient sigmoid(x) is 1 - e^-y.
struct Softplus {
  static constexpr bool from_output = true;
  template <class L>
  GRAFT_INLINE L value(const L& x) const {
    return softplus(x);
  }
  template <class L>
  GRAFT_INLINE L gradient(const L& y, const L& dy) const {
    return -dy * expm1(-y);
  }
};

/// -softplus(-x) = ln(sigmoid(x)); the gradient sigmoid(-x) is 1 - e^y.
struct LogSigmoid {
  static constexpr bool from_output = true, rare = true;
  template <class L>
  GRAFT_INLINE L value(const L& x) const {
    return -softplus(-x);
  }
  template <class L>
  GRAFT_INLINE L gradient(const L& y, const L& dy) const {
    return -dy * expm1(y);
  }
};

/// x / (1 + |x|)
struct Softsign {
  static constexpr bool from_output = false, rare = true;
  template <class L>
  GRAFT_INLINE L value(const L& x) const {
    return x / (abs(x) + 1);
  }
  template <class L>
  GRAFT_INLINE L gradient(const L& x, const L& dy) const {
    const L d = abs(x) + 1;
    return dy / (d * d);
  }
};

struct Exponential {
  static constexpr bool from_output = true;
  template <class L>
  GRAFT_INLINE L value(const L& x) const {
    return exp(x);
  }
  template <class L>
  GRAFT_INLINE L gradient(const L& y, const L& dy) const {
    return dy * y;
  }
};

/// x - tanh(x)
struct TanhShrink {
  static constexpr bool from_output = false, rare = true;
  template <class L>
  GRAFT_INLINE L value(const L& x) const {
    return x - tanh(x);
  }
  template <class L>
  GRAFT_INLINE L gradient(const L& x, const L& dy) const {
    const L t = tanh(x);
    return dy * (t * t);
  }
};

/// (x + sqrt(x^2 + b)) / 2
struct Squareplus {
  static constexpr bool from_output = false, rare = true;
  double b;
  template <class L>
  GRAFT_INLINE L value(const L& x) const {
    return (x + sqrt(x * x + b)) * 0.5;
  }
  template <class L>
  GRAFT_INLINE L gradient(const L& x, const L& dy) const {
    return dy * ((x / sqrt(x * x + b) + 1) * 0.5);
  }
};

}  // namespace graft::ops::activations
