#pragma once
#include <graft/ops/vector_math.hpp>
#include <limits>

/// One functor per element-wise activation, on vectors: value(x) = f(x), and gradient(v, dy) = dy f'(x), where v is
/// y = f(x) if from_output and x otherwise. At kinks f' is what TensorFlow takes: relu's is 0 at 0.
namespace graft::ops::activations {

template <class V>
using S = vec::LaneOf<V>;

struct Linear {
  static constexpr bool from_output = true;
  template <class V>
  V value(const V& x) const {
    return x;
  }
  template <class V>
  V gradient(const V&, const V& dy) const {
    return dy;
  }
};

/// max(x, 0)
struct Relu {
  static constexpr bool from_output = true;
  template <class V>
  V value(const V& x) const {
    return vec::max(x, V{});
  }
  template <class V>
  V gradient(const V& y, const V& dy) const {
    return y > V{} ? dy : V{};
  }
};

/// min(max(x, 0), 6)
struct Relu6 {
  static constexpr bool from_output = true;
  template <class V>
  V value(const V& x) const {
    return vec::min(vec::max(x, V{}), vec::all<V>(6));
  }
  template <class V>
  V gradient(const V& y, const V& dy) const {
    return ((y > V{}) & (y < S<V>(6))) ? dy : V{};
  }
};

/// x > 0 ? x : slope x
struct LeakyRelu {
  double slope;
  bool from_output = slope >= 0;
  template <class V>
  V value(const V& x) const {
    return x > V{} ? x : x * S<V>(slope);
  }
  template <class V>
  V gradient(const V& v, const V& dy) const {
    return v > V{} ? dy : dy * S<V>(slope);
  }
};

/// x > threshold ? min(max(x, 0), max_value) : slope (x - threshold). At x = max_value the gradient is dy, and 0 where
/// Keras takes relu6 for the upper part.
struct GeneralRelu {
  static constexpr bool from_output = false;
  double slope, max_value, threshold;
  template <class V>
  V value(const V& x) const {
    const V limited = vec::min(bounded() ? vec::max(x, V{}) : x, vec::all<V>(S<V>(max_value)));
    const V below = (x - S<V>(threshold)) * S<V>(slope);
    const V zero_or_nan = x == x ? V{} : x;  // 0 (x - threshold) is no 0 at -infinity
    return x > S<V>(threshold) ? limited : slope == 0 ? zero_or_nan : below;
  }
  template <class V>
  V gradient(const V& x, const V& dy) const {
    const S<V> top = S<V>(max_value);
    const auto below_top = max_value == 6 && threshold == 0 ? x < top : x <= top;
    const auto passes = (x > S<V>(threshold)) & below_top & (bounded() ? x >= V{} : x == x);
    const V below = x < S<V>(threshold) ? dy * S<V>(slope) : V{};
    return passes ? dy : below;
  }

 private:
  bool bounded() const { return max_value < std::numeric_limits<double>::infinity(); }
};

/// relu6(x + 3) / 6
struct HardSigmoid {
  static constexpr bool from_output = true;
  template <class V>
  V value(const V& x) const {
    return Relu6{}.value(V(x + S<V>(3))) / S<V>(6);
  }
  template <class V>
  V gradient(const V& y, const V& dy) const {
    return ((y > V{}) & (y < S<V>(1))) ? dy / S<V>(6) : V{};
  }
};

/// x relu6(x + 3) / 6
struct HardSilu {
  static constexpr bool from_output = false;
  template <class V>
  V value(const V& x) const {
    return x * HardSigmoid{}.value(x);
  }
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
  V value(const V& x) const {
    return vec::min(vec::max(x, vec::all<V>(-1)), vec::all<V>(1));
  }
  template <class V>
  V gradient(const V& x, const V& dy) const {
    return ((x >= S<V>(-1)) & (x <= S<V>(1))) ? dy : V{};
  }
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
  V value(const V& x) const {
    return gradient(x, x);
  }
  template <class V>
  V gradient(const V& x, const V& dy) const {
    return vec::abs(x) > S<V>(threshold) ? dy : V{};
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
  V value(const V& x) const {
    return (HardTanh{}.value(x) + S<V>(1)) * S<V>(0.5);
  }
  template <class V>
  V gradient(const V& x, const V& dy) const {
    return ((x > S<V>(-1)) & (x < S<V>(1))) ? dy * S<V>(0.5) : V{};
  }
};

/// x > threshold ? x : value_below
struct Threshold {
  static constexpr bool from_output = false;
  double threshold, value_below;
  template <class V>
  V value(const V& x) const {
    return x > S<V>(threshold) ? x : vec::all<V>(S<V>(value_below));
  }
  template <class V>
  V gradient(const V& x, const V& dy) const {
    return x > S<V>(threshold) ? dy : V{};
  }
};

}  // namespace graft::ops::activations
