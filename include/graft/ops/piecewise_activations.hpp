#pragma once
#include <graft/ops/lanes.hpp>
#include <limits>

/// One functor per element-wise activation, on Lanes: value(x) = f(x), and gradient(v, dy) = dy f'(x), where v is
/// y = f(x) if from_output and x otherwise. At kinks f' is what TensorFlow takes: relu's is 0 at 0. What is `rare` is
/// compiled for the baseline instruction set alone, to save every program its compilation for the others.
namespace graft::ops::activations {

struct Linear {
  static constexpr bool from_output = true;
  template <class L>
  GRAFT_INLINE L value(const L& x) const {
    return x;
  }
  template <class L>
  GRAFT_INLINE L gradient(const L&, const L& dy) const {
    return dy;
  }
};

/// max(x, 0)
struct Relu {
  static constexpr bool from_output = true;
  template <class L>
  GRAFT_INLINE L value(const L& x) const {
    return max(x, L());
  }
  template <class L>
  GRAFT_INLINE L gradient(const L& y, const L& dy) const {
    return if_less(L(), y, dy, L());
  }
};

/// min(max(x, 0), 6)
struct Relu6 {
  static constexpr bool from_output = true;
  template <class L>
  GRAFT_INLINE L value(const L& x) const {
    return min(max(x, L()), L(6));
  }
  template <class L>
  GRAFT_INLINE L gradient(const L& y, const L& dy) const {
    return if_less(L(), y * (6 - y), dy, L());
  }
};

/// x > 0 ? x : slope x
struct LeakyRelu {
  double slope;
  bool from_output = slope >= 0;
  template <class L>
  GRAFT_INLINE L value(const L& x) const {
    return if_less(L(), x, x, x * slope);
  }
  template <class L>
  GRAFT_INLINE L gradient(const L& v, const L& dy) const {
    return if_less(L(), v, dy, dy * slope);
  }
};

/// x > threshold ? min(max(x, 0), max_value) : slope (x - threshold). At x = max_value the gradient is dy, and 0 where
/// Keras takes relu6 for the upper part.
struct GeneralRelu {
  static constexpr bool from_output = false, rare = true;
  double slope, max_value, threshold;
  template <class L>
  GRAFT_INLINE L value(const L& x) const {
    const L limited = min(bounded() ? max(x, L()) : x, L(max_value));
    const L zero_or_nan = if_less_equal(x, x, L(), x);  // 0 (x - threshold) is no 0 at -infinity
    const L below = slope == 0 ? zero_or_nan : (x - threshold) * slope;
    return if_less(L(threshold), x, limited, below);
  }
  template <class L>
  GRAFT_INLINE L gradient(const L& x, const L& dy) const {
    const bool open = max_value == 6 && threshold == 0;
    const L at_top = open ? if_less(x, L(max_value), dy, L()) : if_less_equal(x, L(max_value), dy, L());
    const L above = bounded() ? if_less(x, L(), L(), at_top) : dy;
    const L below = if_less(x, L(threshold), dy * slope, L());
    return if_less(L(threshold), x, above, below);
  }

 private:
  GRAFT_INLINE bool bounded() const { return max_value < std::numeric_limits<double>::infinity(); }
};

/// relu6(x + 3) / 6
struct HardSigmoid {
  static constexpr bool from_output = true;
  template <class L>
  GRAFT_INLINE L value(const L& x) const {
    return Relu6{}.value(x + 3) / 6;
  }
  template <class L>
  GRAFT_INLINE L gradient(const L& y, const L& dy) const {
    return if_less(L(), y * (1 - y), dy / 6, L());
  }
};

/// x relu6(x + 3) / 6
struct HardSilu {
  static constexpr bool from_output = false;
  template <class L>
  GRAFT_INLINE L value(const L& x) const {
    return x * HardSigmoid{}.value(x);
  }
  template <class L>
  GRAFT_INLINE L gradient(const L& x, const L& dy) const {
    const L s = HardSigmoid{}.value(x);
    return dy * s + x * HardSigmoid{}.gradient(s, dy);
  }
};

/// min(max(x, -1), 1)
struct HardTanh {
  static constexpr bool from_output = false, rare = true;
  template <class L>
  GRAFT_INLINE L value(const L& x) const {
    return min(max(x, L(-1)), L(1));
  }
  template <class L>
  GRAFT_INLINE L gradient(const L& x, const L& dy) const {
    return if_less_equal(abs(x), L(1), dy, L());
  }
};

/// x - threshold above threshold, x + threshold below -threshold, 0 between.
struct SoftShrink {
  static constexpr bool from_output = false, rare = true;
  double threshold;
  template <class L>
  GRAFT_INLINE L value(const L& x) const {
    return x - min(max(x, L(-threshold)), L(threshold));
  }
  template <class L>
  GRAFT_INLINE L gradient(const L& x, const L& dy) const {
    return if_less(L(threshold), abs(x), dy, L());
  }
};

/// x where |x| > threshold, 0 elsewhere.
struct HardShrink {
  static constexpr bool from_output = false, rare = true;
  double threshold;
  template <class L>
  GRAFT_INLINE L value(const L& x) const {
    return if_less(L(threshold), abs(x), x, L());
  }
  template <class L>
  GRAFT_INLINE L gradient(const L& x, const L& dy) const {
    return if_less(L(threshold), abs(x), dy, L());
  }
};

/// 0 up to -1, (x + 1)^2 / 4 up to 1, then x.
struct SparsePlus {
  static constexpr bool from_output = false, rare = true;
  template <class L>
  GRAFT_INLINE L value(const L& x) const {
    const L u = max(x + 1, L());
    return if_less(x, L(1), u * u * 0.25, x);
  }
  template <class L>
  GRAFT_INLINE L gradient(const L& x, const L& dy) const {
    return if_less(x, L(1), dy * max(x + 1, L()) * 0.5, dy);
  }
};

/// 0 up to -1, (x + 1) / 2 up to 1, then 1.
struct SparseSigmoid {
  static constexpr bool from_output = false, rare = true;
  template <class L>
  GRAFT_INLINE L value(const L& x) const {
    return (HardTanh{}.value(x) + 1) * 0.5;
  }
  template <class L>
  GRAFT_INLINE L gradient(const L& x, const L& dy) const {
    return if_less(abs(x), L(1), dy * 0.5, L());
  }
};

/// x > threshold ? x : value_below
struct Threshold {
  static constexpr bool from_output = false, rare = true;
  double threshold, value_below;
  template <class L>
  GRAFT_INLINE L value(const L& x) const {
    return if_less(L(threshold), x, x, L(value_below));
  }
  template <class L>
  GRAFT_INLINE L gradient(const L& x, const L& dy) const {
    return if_less(L(threshold), x, dy, L());
  }
};

}  // namespace graft::ops::activations
