#pragma once
#include <graft/ops/piecewise_activations.hpp>
#include <numbers>

/// The activations made of exponentials and roots: functors as in piecewise_activations.hpp.
namespace graft::ops::activations {

/// x > 0 ? x : alpha (e^x - 1). Requires alpha >= 0.
struct Elu {
  static constexpr bool from_output = true;
  double alpha;
  template <class V>
  V value(const V& x) const {
    return x > V{} ? x : vec::expm1(x) * S<V>(alpha);
  }
  template <class V>
  V gradient(const V& y, const V& dy) const {
    return y > V{} ? dy : dy * (y + S<V>(alpha));
  }
};

/// scale (x > 0 ? x : alpha (e^x - 1)). Source: Klambauer et al. 2017.
struct Selu {
  static constexpr bool from_output = true;
  static constexpr double scale = 1.0507009873554804934193349852946, alpha = 1.6732632423543772848170429916717;
  template <class V>
  V value(const V& x) const {
    return (x > V{} ? x : vec::expm1(x) * S<V>(alpha)) * S<V>(scale);
  }
  template <class V>
  V gradient(const V& y, const V& dy) const {
    return dy * (y < V{} ? y + S<V>(scale * alpha) : vec::all<V>(S<V>(scale)));
  }
};

/// max(x, 0) + alpha (e^(min(x, 0) / alpha) - 1)
struct Celu {
  static constexpr bool from_output = false;
  double alpha;
  template <class V>
  V value(const V& x) const {
    return x > V{} ? x : vec::expm1(V(x / S<V>(alpha))) * S<V>(alpha);
  }
  template <class V>
  V gradient(const V& x, const V& dy) const {
    return x > V{} ? dy : dy * vec::exp(V(x / S<V>(alpha)));
  }
};

/// x P(x), where P is the normal distribution function: x (1 + erf(x / sqrt(2))) / 2
struct Gelu {
  static constexpr bool from_output = false;
  template <class V>
  static V distribution(const V& x) {
    return (vec::erf(V(x * S<V>(std::numbers::sqrt2 / 2))) + S<V>(1)) * S<V>(0.5);
  }
  template <class V>
  V value(const V& x) const {
    return x * distribution(x);
  }
  template <class V>
  V gradient(const V& x, const V& dy) const {
    const V density = vec::exp(V(x * x * S<V>(-0.5))) * S<V>(0.5 * std::numbers::sqrt2 * std::numbers::inv_sqrtpi);
    return dy * (distribution(x) + x * density);
  }
};

/// x sigmoid(x)
struct Silu {
  static constexpr bool from_output = false;
  template <class V>
  V value(const V& x) const {
    return x * vec::sigmoid(x);
  }
  template <class V>
  V gradient(const V& x, const V& dy) const {
    const V s = vec::sigmoid(x);
    return dy * (s + x * s * (S<V>(1) - s));
  }
};

/// x tanh(softplus(x))
struct Mish {
  static constexpr bool from_output = false;
  template <class V>
  V value(const V& x) const {
    return x * vec::tanh(vec::softplus(x));
  }
  template <class V>
  V gradient(const V& x, const V& dy) const {
    const V t = vec::tanh(vec::softplus(x));
    return dy * (t + x * (S<V>(1) - t * t) * vec::sigmoid(x));
  }
};

struct Sigmoid {
  static constexpr bool from_output = true;
  template <class V>
  V value(const V& x) const {
    return vec::sigmoid(x);
  }
  template <class V>
  V gradient(const V& y, const V& dy) const {
    return dy * (y * (S<V>(1) - y));
  }
};

struct Tanh {
  static constexpr bool from_output = true;
  template <class V>
  V value(const V& x) const {
    return vec::tanh(x);
  }
  template <class V>
  V gradient(const V& y, const V& dy) const {
    return dy * (S<V>(1) - y * y);
  }
};

/// ln(1 + e^x); the gradient sigmoid(x) is 1 - e^-y.
struct Softplus {
  static constexpr bool from_output = true;
  template <class V>
  V value(const V& x) const {
    return vec::softplus(x);
  }
  template <class V>
  V gradient(const V& y, const V& dy) const {
    return -dy * vec::expm1(V(-y));
  }
};

/// -softplus(-x) = ln(sigmoid(x)); the gradient sigmoid(-x) is 1 - e^y.
struct LogSigmoid {
  static constexpr bool from_output = true;
  template <class V>
  V value(const V& x) const {
    return -vec::softplus(V(-x));
  }
  template <class V>
  V gradient(const V& y, const V& dy) const {
    return -dy * vec::expm1(y);
  }
};

/// x / (1 + |x|)
struct Softsign {
  static constexpr bool from_output = false;
  template <class V>
  V value(const V& x) const {
    return x / (vec::abs(x) + S<V>(1));
  }
  template <class V>
  V gradient(const V& x, const V& dy) const {
    const V d = vec::abs(x) + S<V>(1);
    return dy / (d * d);
  }
};

struct Exponential {
  static constexpr bool from_output = true;
  template <class V>
  V value(const V& x) const {
    return vec::exp(x);
  }
  template <class V>
  V gradient(const V& y, const V& dy) const {
    return dy * y;
  }
};

/// x - tanh(x)
struct TanhShrink {
  static constexpr bool from_output = false;
  template <class V>
  V value(const V& x) const {
    return x - vec::tanh(x);
  }
  template <class V>
  V gradient(const V& x, const V& dy) const {
    const V t = vec::tanh(x);
    return dy * (t * t);
  }
};

/// (x + sqrt(x^2 + b)) / 2
struct Squareplus {
  static constexpr bool from_output = false;
  double b;
  template <class V>
  V value(const V& x) const {
    return (x + root(x)) * S<V>(0.5);
  }
  template <class V>
  V gradient(const V& x, const V& dy) const {
    return dy * ((x / root(x) + S<V>(1)) * S<V>(0.5));
  }

 private:
  template <class V>
  V root(const V& x) const {
    return vec::each_lane(V(x * x + S<V>(b)), [](S<V> v) { return std::sqrt(v); });
  }
};

}  // namespace graft::ops::activations
