#pragma once
#include <graft/ops/vector_math.hpp>

/// One functor per element-wise activation, on vectors: value(x) = f(x), and gradient(v, dy) = dy f'(x), where v is
/// y = f(x) if from_output and x otherwise. At kinks f' is what TensorFlow takes: relu's is 0 at 0.
namespace graft::ops::activations {

template <class V>
using S = vec::LaneOf<V>;

struct Linear {
  static constexpr bool from_output = true;
  template <class V>
  V value(const V& x) const { return x; }
  template <class V>
  V gradient(const V&, const V& dy) const { return dy; }
};

/// max(x, 0)
struct Relu {
  static constexpr bool from_output = true;
  template <class V>
  V value(const V& x) const { return vec::max(x, V{}); }
  template <class V>
  V gradient(const V& y, const V& dy) const { return y > V{} ? dy : V{}; }
};

/// min(max(x, 0), 6)
struct Relu6 {
  static constexpr bool from_output = true;
  template <class V>
  V value(const V& x) const { return vec::min(vec::max(x, V{}), vec::all<V>(6)); }
  template <class V>
  V gradient(const V& y, const V& dy) const { return ((y > V{}) & (y < S<V>(6))) ? dy : V{}; }
};

/// x > 0 ? x : slope x
struct LeakyRelu {
  double slope;
  bool from_output = slope >= 0;
  template <class V>
  V value(const V& x) const { return x > V{} ? x : x * S<V>(slope); }
  template <class V>
  V gradient(const V& v, const V& dy) const { return v > V{} ? dy : dy * S<V>(slope); }
};

/// x > threshold ? min(max(x, 0), max_value) : slope (x - threshold)
struct GeneralRelu {
  static constexpr bool from_output = false;
  double slope, max_value, threshold;
  template <class V>
  V value(const V& x) const {
    const V limited = vec::min(bounded() ? vec::max(x, V{}) : x, vec::all<V>(S<V>(max_value)));
    const V below = slope == 0 ? V{} : (x - S<V>(threshold)) * S<V>(slope);
    return x > S<V>(threshold) ? limited : below;
  }
  template <class V>
  V gradient(const V& x, const V& dy) const {
    const auto passes = (x > S<V>(threshold)) & (x <= S<V>(max_value)) & (bounded() ? x >= V{} : x == x);
    const V below = x < S<V>(threshold) ? dy * S<V>(slope) : V{};
    return passes ? dy : below;
  }

 private:
  bool bounded() const { return max_value < std::numeric_limits<double>::infinity(); }
};

/// x > 0 ? x : alpha (e^x - 1). Requires alpha >= 0.
struct Elu {
  static constexpr bool from_output = true;
  double alpha;
  template <class V>
  V value(const V& x) const { return x > V{} ? x : vec::expm1(x) * S<V>(alpha); }
  template <class V>
  V gradient(const V& y, const V& dy) const { return y > V{} ? dy : dy * (y + S<V>(alpha)); }
};

/// scale (x > 0 ? x : alpha (e^x - 1)). Source: Klambauer et al. 2017.
struct Selu {
  static constexpr bool from_output = true;
  static constexpr double scale = 1.0507009873554804934193349852946, alpha = 1.6732632423543772848170429916717;
  template <class V>
  V value(const V& x) const { return (x > V{} ? x : vec::expm1(x) * S<V>(alpha)) * S<V>(scale); }
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
  V value(const V& x) const { return x > V{} ? x : vec::expm1(V(x / S<V>(alpha))) * S<V>(alpha); }
  template <class V>
  V gradient(const V& x, const V& dy) const { return x > V{} ? dy : dy * vec::exp(V(x / S<V>(alpha))); }
};

/// x P(x), where P is the normal distribution function: x (1 + erf(x / sqrt(2))) / 2
struct Gelu {
  static constexpr bool from_output = false;
  template <class V>
  static V distribution(const V& x) {
    return (vec::erf(V(x * S<V>(std::numbers::sqrt2 / 2))) + S<V>(1)) * S<V>(0.5);
  }
  template <class V>
  V value(const V& x) const { return x * distribution(x); }
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
  V value(const V& x) const { return x * vec::sigmoid(x); }
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
  V value(const V& x) const { return x * vec::tanh(vec::softplus(x)); }
  template <class V>
  V gradient(const V& x, const V& dy) const {
    const V t = vec::tanh(vec::softplus(x));
    return dy * (t + x * (S<V>(1) - t * t) * vec::sigmoid(x));
  }
};

struct Sigmoid {
  static constexpr bool from_output = true;
  template <class V>
  V value(const V& x) const { return vec::sigmoid(x); }
  template <class V>
  V gradient(const V& y, const V& dy) const { return dy * (y * (S<V>(1) - y)); }
};

struct Tanh {
  static constexpr bool from_output = true;
  template <class V>
  V value(const V& x) const { return vec::tanh(x); }
  template <class V>
  V gradient(const V& y, const V& dy) const { return dy * (S<V>(1) - y * y); }
};

/// ln(1 + e^x); the gradient sigmoid(x) is 1 - e^-y.
struct Softplus {
  static constexpr bool from_output = true;
  template <class V>
  V value(const V& x) const { return vec::softplus(x); }
  template <class V>
  V gradient(const V& y, const V& dy) const { return -dy * vec::expm1(V(-y)); }
};

/// -softplus(-x) = ln(sigmoid(x)); the gradient sigmoid(-x) is 1 - e^y.
struct LogSigmoid {
  static constexpr bool from_output = true;
  template <class V>
  V value(const V& x) const { return -vec::softplus(V(-x)); }
  template <class V>
  V gradient(const V& y, const V& dy) const { return -dy * vec::expm1(y); }
};

/// x / (1 + |x|)
struct Softsign {
  static constexpr bool from_output = false;
  template <class V>
  V value(const V& x) const { return x / (vec::abs(x) + S<V>(1)); }
  template <class V>
  V gradient(const V& x, const V& dy) const {
    const V d = vec::abs(x) + S<V>(1);
    return dy / (d * d);
  }
};

struct Exponential {
  static constexpr bool from_output = true;
  template <class V>
  V value(const V& x) const { return vec::exp(x); }
  template <class V>
  V gradient(const V& y, const V& dy) const { return dy * y; }
};

/// relu6(x + 3) / 6
struct HardSigmoid {
  static constexpr bool from_output = true;
  template <class V>
  V value(const V& x) const { return Relu6{}.value(V(x + S<V>(3))) / S<V>(6); }
  template <class V>
  V gradient(const V& y, const V& dy) const { return ((y > V{}) & (y < S<V>(1))) ? dy / S<V>(6) : V{}; }
};

/// x relu6(x + 3) / 6
struct HardSilu {
  static constexpr bool from_output = false;
  template <class V>
  V value(const V& x) const { return x * HardSigmoid{}.value(x); }
  template <class V>
  V gradient(const V& x, const V& dy) const {
    const V s = HardSigmoid{}.value(x);
    return dy * s + x * HardSigmoid{}.gradient(s, dy);
  }
};

/// min(max(x, -1), 1)
struct HardTanh {
  static constexpr bool from_output = false;
  template <class V>
  V value(const V& x) const { return vec::min(vec::max(x, vec::all<V>(-1)), vec::all<V>(1)); }
  template <class V>
  V gradient(const V& x, const V& dy) const { return ((x >= S<V>(-1)) & (x <= S<V>(1))) ? dy : V{}; }
};

/// x - threshold above threshold, x + threshold below -threshold, 0 between.
struct SoftShrink {
  static constexpr bool from_output = false;
  double threshold;
  template <class V>
  V value(const V& x) const {
    const S<V> t = S<V>(threshold);
    const V low = x < -t ? x + t : V{};
    return x > t ? x - t : low;
  }
  template <class V>
  V gradient(const V& x, const V& dy) const {
    return ((x > S<V>(threshold)) | (x < -S<V>(threshold))) ? dy : V{};
  }
};

/// x where |x| > threshold, 0 elsewhere.
struct HardShrink {
  static constexpr bool from_output = false;
  double threshold;
  template <class V>
  V value(const V& x) const { return gradient(x, x); }
  template <class V>
  V gradient(const V& x, const V& dy) const { return vec::abs(x) > S<V>(threshold) ? dy : V{}; }
};

/// x - tanh(x)
struct TanhShrink {
  static constexpr bool from_output = false;
  template <class V>
  V value(const V& x) const { return x - vec::tanh(x); }
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
  V value(const V& x) const { return (x + root(x)) * S<V>(0.5); }
  template <class V>
  V gradient(const V& x, const V& dy) const { return dy * ((x / root(x) + S<V>(1)) * S<V>(0.5)); }

 private:
  template <class V>
  V root(const V& x) const {
    return vec::each_lane(V(x * x + S<V>(b)), [](S<V> v) { return std::sqrt(v); });
  }
};

/// 0 up to -1, (x + 1)^2 / 4 up to 1, then x.
struct SparsePlus {
  static constexpr bool from_output = false;
  template <class V>
  V value(const V& x) const {
    const V u = vec::max(V(x + S<V>(1)), V{});
    return x < S<V>(1) ? u * u * S<V>(0.25) : x;
  }
  template <class V>
  V gradient(const V& x, const V& dy) const {
    const V u = vec::max(V(x + S<V>(1)), V{});
    return x < S<V>(1) ? dy * u * S<V>(0.5) : dy;
  }
};

/// 0 up to -1, (x + 1) / 2 up to 1, then 1.
struct SparseSigmoid {
  static constexpr bool from_output = false;
  template <class V>
  V value(const V& x) const { return (HardTanh{}.value(x) + S<V>(1)) * S<V>(0.5); }
  template <class V>
  V gradient(const V& x, const V& dy) const { return ((x > S<V>(-1)) & (x < S<V>(1))) ? dy * S<V>(0.5) : V{}; }
};

/// x > threshold ? x : value_below
struct Threshold {
  static constexpr bool from_output = false;
  double threshold, value_below;
  template <class V>
  V value(const V& x) const { return x > S<V>(threshold) ? x : vec::all<V>(S<V>(value_below)); }
  template <class V>
  V gradient(const V& x, const V& dy) const { return x > S<V>(threshold) ? dy : V{}; }
};

}  // namespace graft::ops::activations
