#pragma once
#include <any>
#include <cstdint>
#include <graft/core/random.hpp>
#include <graft/core/variable.hpp>
#include <graft/graph/epilogue.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace graft {

/// Which batch of which run: randomness is a function of (seed, stream, iteration, row), so there is no generator
/// state.
struct Run {
  std::uint64_t seed = 0;
  long iteration = 0;

  RandomStream stream(std::uint64_t step) const {
    return RandomStream(mix(mix(seed, step), static_cast<std::uint64_t>(iteration)));
  }
};

/// Everything one step may touch while it runs; all memory is the plan's. Made once per executor: between batches only
/// the length of axis 0 changes.
template <class Scalar>
struct Io {
  std::vector<View<const Scalar>> x;  ///< inputs; in backward null unless needs() asked for them
  View<Scalar> y;                     ///< output; in backward null unless needs() asked for it
  View<Scalar> dy;                    ///< backward: gradient of y; may be overwritten, it is dead afterwards
  std::vector<View<Scalar>> dx;       ///< backward: null where not wanted; else written, not added to
  std::vector<View<Scalar>> dw;       ///< backward, per variable: null where it does not learn; else added to
  void* saved = nullptr;              ///< kept from forward to backward; null where nothing runs backward
  void* work = nullptr;               ///< alive within this call only
  const void* packed = nullptr;       ///< what pack() prepared from the variables
  std::any* context = nullptr;        ///< an object of the step's own, one per node and executor
  Run run;
  Index n = 0;  ///< samples in this batch
};

/// What backward() reads besides dy.
struct Needs {
  bool x = false, y = false;
};

/// The two directions in which a step runs.
enum class Direction { forward, backward };

/// One step of a program: a kernel with its variables and attributes. Immutable while programs run.
template <class Scalar>
class Op {
 public:
  using Shapes = std::span<const Shape>;

  virtual ~Op() = default;
  /// A short lower-case name such as "conv2d".
  virtual std::string kind() const = 0;
  /// Output shape from input shapes; axes may be None while compiling and are numbers while binding.
  virtual Shape shape(Shapes in) const = 0;
  virtual void forward(Io<Scalar>& io) const = 0;
  virtual void backward(Io<Scalar>& io) const = 0;
  /// Alone decides what is kept for backward: the plan nulls what is not asked for.
  virtual Needs needs(bool dx, bool dw) const = 0;

  virtual std::vector<Variable<Scalar>> variables() const { return {}; }
  /// The variables that forward() writes, such as moving statistics.
  virtual std::vector<Variable<Scalar>> updates() const { return {}; }

  virtual Index saved_bytes(Shapes, const Shape&) const { return 0; }
  virtual Index work_bytes(Shapes, const Shape&, Direction) const { return 0; }
  /// Prepared copies of the variables, refilled when a version moves: for forward(), and for backward() where a
  /// gradient of an input is wanted.
  virtual Index packed_bytes(Direction) const { return 0; }
  virtual void pack(Direction, void*) const {}

  /// A hash of all that changes the output's bits besides inputs and variables.
  virtual std::uint64_t attributes() const { return 0; }
  /// A hash of the attributes that pack() depends on.
  virtual std::uint64_t packing() const { return attributes(); }
  /// True if row i of y depends on row i of x and the variables alone: not random, not mixing samples, not a stranger.
  virtual bool pure() const { return true; }
  /// True if y is much smaller than x: a good place to keep features.
  virtual bool shrinks() const { return false; }
  /// Multiply-adds of one forward pass, counted as two operations each; an estimate for the printed plan.
  virtual double flops(Shapes, const Shape&) const { return 0; }

  /// "I can take a bias, a fold and an activation": where to put them.
  virtual Epilogue<Scalar>* epilogue() { return nullptr; }
  /// "I can take Epilogue::max_pool as well, after what the epilogue holds now": in forward only.
  virtual bool takes_max_pool() const { return false; }
  /// "I am y = x * scale[c] + shift[c] along the last axis".
  virtual std::optional<ChannelAffine<Scalar>> as_affine() const { return std::nullopt; }
  /// "I am the maximum over windows of 2 x 2 with strides of 2, without padding".
  virtual bool is_max_pool() const { return false; }
  /// "I am an element-wise activation whose gradient can be computed from its output".
  virtual std::optional<ops::Activation> as_activation() const { return std::nullopt; }
};

}  // namespace graft
