#pragma once
#include <algorithm>
#include <array>
#include <graft/core/error.hpp>
#include <graft/core/view.hpp>
#include <span>
#include <string_view>

// Broadcasting as Keras's merge layers do it: an input of lower rank gets axes of length 1 after the batch, and an axis
// of length 1 repeats. (n, c) with (n, h, w, c) is (n, 1, 1, c).
namespace graft::ops {

/// The shape with axes of length 1 after the batch, up to the given rank.
inline Shape align(const Shape& shape, Index rank) {
  Shape aligned{shape[0]};
  for (Index i = shape.rank(); i < rank; ++i) aligned.push_back(1);
  for (Index i = 1; i < shape.rank(); ++i) aligned.push_back(shape[i]);
  return aligned;
}

/// The shape of the merged inputs; an axis is None where one of them is None. Requires at least one shape, and a batch
/// axis in each. Throws ShapeError if two lengths differ and neither is 1; `who` names the layer.
inline Shape broadcast_shape(std::span<const Shape> in, std::string_view who) {
  Index rank = 0;
  for (const Shape& shape : in) rank = std::max(rank, shape.rank());
  Shape out = align(in[0], rank);
  for (const Shape& shape : in) {
    const Shape other = align(shape, rank);
    for (Index i = 0; i < rank; ++i) {
      if (out[i] == None || other[i] == None)
        out[i] = None;
      else if (i > 0 && out[i] == 1)
        out[i] = other[i];
      else if (out[i] != other[i] && (i == 0 || other[i] != 1))
        raise<ShapeError>(who, ": inputs of the shapes ", in[0], " and ", shape,
                          " cannot be merged: an axis must have the same length in both, or 1.");
    }
  }
  return out;
}

/// How a broadcast sample is walked: `count` runs of `length` elements that lie next to one another in the output. In a
/// run an input lies next to one another as well, or is a single element.
struct BroadcastRuns {
  Index axes = 1, length = 1, count = 1;  ///< axes: the batch and those that runs are counted over
  bool mixed = false;                     ///< some input is single

  /// For inputs of known shapes: the longest runs in which every input has all the axes of the output, and if the last
  /// axis is already broadcast, that one.
  template <class S>
  static BroadcastRuns of(std::span<const View<const S>> in, const Shape& out) {
    BroadcastRuns runs;
    Index axis = out.rank();
    const auto full = [&](Index i) {
      for (const View<const S>& x : in)
        if (align(x.shape, out.rank())[i] != out[i]) return false;
      return true;
    };
    while (axis > 1 && full(axis - 1)) runs.length *= out[--axis];
    if (axis == out.rank() && axis > 1) {
      runs.length = out[--axis];
      runs.mixed = true;
    }
    runs.axes = axis;
    for (Index i = 1; i < axis; ++i) runs.count *= out[i];
    return runs;
  }
  bool single(const Shape& input, const Shape& out) const { return mixed && align(input, out.rank())[-1] == 1; }
};

/// Where runs start within a sample of one input.
class RunOffsets {
 public:
  RunOffsets(const BroadcastRuns& runs, const Shape& input, const Shape& out) : axes_(runs.axes), out_(out) {
    const Shape aligned = align(input, out.rank());
    Index stride = 1;
    for (Index i = axes_; i < out.rank(); ++i) stride *= aligned[i];
    for (Index i = axes_ - 1; i > 0; --i) {
      strides_[to_size(i)] = aligned[i] == 1 ? 0 : stride;
      moves_ = moves_ || aligned[i] != 1;
      stride *= aligned[i];
    }
  }
  /// Of run r of the sample.
  Index operator()(Index r) const {
    Index offset = 0;
    for (Index i = axes_ - 1; moves_ && i > 0; --i) {
      offset += r % out_[i] * strides_[to_size(i)];
      r /= out_[i];
    }
    return offset;
  }

 private:
  Index axes_;
  Shape out_;
  std::array<Index, Shape::max_rank> strides_{};
  bool moves_ = false;
};

}  // namespace graft::ops
